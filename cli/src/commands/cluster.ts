import type { Command } from 'commander';
import type { CommandContext } from '../command-line.ts';
import { addClusterOptions, type ClusterOptions } from '../local-cluster/cluster-options.ts';
import { runCluster } from '../local-cluster/run-cluster.ts';

export function addCluster(program: Command, context: CommandContext): void {
  const command = program
    .command('cluster')
    .description(
      'Run a whole cluster on this machine: etcd, NATS and every member as processes of their own.',
    );
  addClusterOptions(command).action(async (options: ClusterOptions) =>
    context.exitWith(await runCluster(options, context)),
  );
}
