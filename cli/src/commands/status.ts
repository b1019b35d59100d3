import { EXIT_CODES } from '@lambent/daemon';
import type { Command } from 'commander';
import { addAccessOptions } from '../access-options.ts';
import { locateCluster } from '../cluster-access.ts';
import type { CommandContext } from '../command-line.ts';
import { isWell } from '../status/cluster-status.ts';
import { readStatus } from '../status/read-status.ts';
import { showStatus } from '../status/show-status.ts';

interface StatusOptions extends Readonly<Record<string, unknown>> {
  readonly json?: true;
}

export function addStatus(program: Command, context: CommandContext): void {
  const command = program
    .command('status')
    .description('Say what a cluster consists of, how it is, and what needs somebody.')
    .option('--json', 'as JSON, for scripts');
  addAccessOptions(command).action((options: StatusOptions) => status(options, context));
}

async function status(options: StatusOptions, context: CommandContext): Promise<void> {
  const { clock, terminal } = context;
  const found = await readStatus(await locateCluster(options, clock), clock);
  if (options.json) terminal.result(JSON.stringify(found, undefined, 2));
  else showStatus(found, terminal);
  if (!isWell(found)) context.exitWith(EXIT_CODES.failed);
}
