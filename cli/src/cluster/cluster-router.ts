import { watchMembers } from '@lambent/membership';
import { Placements, type Router, type RouterOptions } from '@lambent/router';
import { openRouter } from '../wiring/router.ts';
import type { Member } from './member.ts';
import { openLink } from './member-link.ts';

/** A member's router: it learns of workers and of placement replicas from the registry. */
export async function openClusterRouter(
  stack: AsyncDisposableStack,
  member: Member,
  options: Pick<RouterOptions, 'queueMax' | 'queueWaitMs'>,
): Promise<Router> {
  const { id: routerId, clock } = member;
  const placements = new Placements({ clock });
  stack.use(await watchPlacements(member, addresses => placements.set(addresses)));
  const { link } = await openLink(stack, member);
  return openRouter(stack, { ...member, ...options, routerId, placements, link });
}

/** Tells where the replicas of placement are, now and after every change. */
export function watchPlacements(
  { registry, clock, random }: Member,
  changed: (addresses: readonly string[]) => void,
): Promise<AsyncDisposable> {
  return watchMembers({
    registry,
    clock,
    random,
    role: 'placement',
    changed: members => changed(members.flatMap(({ address }) => address ?? [])),
  });
}
