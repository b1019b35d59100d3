import { GATEWAY_FIELDS } from '@lambent/gateway/config';
import type { Command } from 'commander';
import type { CommandContext } from '../command-line.ts';
import { addMember } from './member.ts';

const { host, port, grpcHost, grpcPort, adminHost, adminPort, accountId, region } = GATEWAY_FIELDS;

export function addGateway(program: Command, context: CommandContext): void {
  const command = {
    name: 'gateway',
    description: 'Serve the AWS API of a cluster.',
    fields: { host, port, grpcHost, grpcPort, adminHost, adminPort, account: accountId, region },
  };
  const run = async (env: NodeJS.ProcessEnv) => {
    const { runGateway } = await import('../cluster/gateway-member.ts');
    context.exitWith(await runGateway({ ...context, env }));
  };
  addMember(program, command, run, context);
}
