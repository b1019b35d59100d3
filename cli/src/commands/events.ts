import type { Command } from 'commander';
import { ADMIN_FIELDS } from '../cluster/cluster-fields.ts';
import type { CommandContext } from '../command-line.ts';
import { addMember } from './member.ts';

export function addEvents(program: Command, context: CommandContext): void {
  const command = {
    name: 'events',
    description: "Run a cluster's asynchronous invocations.",
    fields: ADMIN_FIELDS.events,
  };
  const run = async (env: NodeJS.ProcessEnv) => {
    const { runEvents } = await import('../cluster/events-member.ts');
    context.exitWith(await runEvents({ ...context, env }));
  };
  addMember(program, command, run, context);
}
