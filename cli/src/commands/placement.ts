import type { Command } from 'commander';
import { ADMIN_FIELDS } from '../cluster/cluster-fields.ts';
import type { CommandContext } from '../command-line.ts';
import { addMember } from './member.ts';

export function addPlacement(program: Command, context: CommandContext): void {
  const command = {
    name: 'placement',
    description: "Advise a cluster's workers where functions start.",
    serving: true as const,
    fields: ADMIN_FIELDS.placement,
  };
  const run = async (env: NodeJS.ProcessEnv) => {
    const { runPlacement } = await import('../cluster/placement-member.ts');
    context.exitWith(await runPlacement({ ...context, env }));
  };
  addMember(program, command, run, context);
}
