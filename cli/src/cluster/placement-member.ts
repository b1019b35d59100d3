import { Placement } from '@lambent/placement';
import type { CommandContext } from '../command-line.ts';
import type { Serve } from './member.ts';
import { openLink } from './member-link.ts';
import { runMember } from './run-member.ts';

/** It holds nothing: whoever waits asks another, or again. */
const DRAIN_TIMEOUT_MS = 0;

export function runPlacement(context: CommandContext): Promise<number> {
  return runMember({ role: 'placement', serve, drainTimeoutMs: () => DRAIN_TIMEOUT_MS }, context);
}

const serve: Serve = async (stack, member) => {
  const { link, address } = await openLink(stack, member);
  stack.use(await Placement.open({ ...member, address, link, config: member.settings.placement }));
  return { address };
};
