import { type EnvironmentSpec, environmentKeyText } from '@lambent/contracts';
import type { Random } from '@lambent/core';
import type { Member } from './fleet.ts';

/** What placement advises for one need. A value: nothing has been sent yet. */
export type Advice =
  /** `already` environments start without this advice; `starts` are to be asked for now. */
  | { readonly kind: 'start'; readonly already: number; readonly starts: readonly Start[] }
  | { readonly kind: 'limit'; readonly already: number }
  | { readonly kind: 'no-room'; readonly already: number }
  | { readonly kind: 'no-worker' }
  | { readonly kind: 'no-runtime' };

export interface Start {
  readonly workerId: string;
  readonly count: number;
}

/**
 * Which workers start how many environments for `waiting` invocations. A pure function over the fleet: the better
 * of two random candidates of the best class, where a class is "code there, room there, fewest of this function".
 */
export function advise(
  fleet: Iterable<Member>,
  need: { readonly spec: EnvironmentSpec; readonly waiting: number },
  random: Random,
): Advice {
  const live = [...fleet].filter(member => !member.draining);
  if (live.length === 0) return { kind: 'no-worker' };
  const able = live.filter(member => member.runtimes.has(need.spec.runtime));
  if (able.length === 0) return { kind: 'no-runtime' };

  const candidates = able.map(member => candidateOf(member, need.spec));
  const already = candidates.reduce((sum, candidate) => sum + candidate.starting, 0);
  const missing = need.waiting - already;
  if (missing <= 0) return { kind: 'start', already, starts: [] };
  if (candidates.every(candidate => candidate.slotsFree <= 0)) return { kind: 'limit', already };

  const starts = spread(candidates, missing, random);
  return starts.length === 0 ? { kind: 'no-room', already } : { kind: 'start', already, starts };
}

interface Candidate {
  readonly workerId: string;
  readonly hasCode: boolean;
  readonly slotsFree: number;
  readonly starting: number;
  /** How many more environments of this function fit; counted down as they are given out. */
  room: number;
  /** How many of this function it holds; counted up likewise. */
  held: number;
}

function candidateOf(member: Member, spec: EnvironmentSpec): Candidate {
  const count = spec.key && member.holdings.get(environmentKeyText(spec.key));
  const starting = count?.starting ?? 0;
  const byMemory = Math.floor(member.memoryMbFree / Math.max(1, spec.memoryMb));
  return {
    workerId: member.workerId,
    hasCode: member.codeCached.has(spec.codeSha256),
    slotsFree: member.slotsFree,
    starting,
    // What starts already will want a slot each as soon as it is ready.
    room: Math.max(0, Math.min(byMemory, member.slotsFree - starting)),
    held: starting + (count?.idle ?? 0) + (count?.busy ?? 0),
  };
}

function spread(candidates: readonly Candidate[], missing: number, random: Random): Start[] {
  const counts = new Map<string, number>();
  for (let left = missing; left > 0; left--) {
    const chosen = choose(candidates, random);
    if (!chosen) break;
    chosen.room--;
    chosen.held++;
    counts.set(chosen.workerId, (counts.get(chosen.workerId) ?? 0) + 1);
  }
  return [...counts].map(([workerId, count]) => ({ workerId, count }));
}

function choose(candidates: readonly Candidate[], random: Random): Candidate | undefined {
  const roomy = candidates.filter(candidate => candidate.room > 0);
  const withCode = roomy.filter(candidate => candidate.hasCode);
  const best = withCode.length > 0 ? withCode : roomy;
  const one = best[Math.floor(random.fraction() * best.length)];
  const other = best[Math.floor(random.fraction() * best.length)];
  if (!one || !other) return one ?? other;
  return other.held < one.held ? other : one;
}
