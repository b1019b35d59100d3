import { type EnvironmentSpec, environmentKeyText } from '@lambent/contracts';
import type { Random } from '@lambent/core';
import { freeOf, type Limit } from './limit.ts';
import { type Member, slotsFree } from './member.ts';

/** What placement advises for one need. A value: nothing has been sent yet. */
export type Advice =
  /** `already` environments start without this advice; `starts` are to be asked for now. */
  | { readonly kind: 'start'; readonly already: number; readonly starts: readonly Start[] }
  /** Slots are on their way: being raised, or to be given back by those who hold them idle. */
  | { readonly kind: 'wait'; readonly already: number; readonly giveBack: readonly GiveBack[] }
  /** As far as the last reports tell, every slot there is is used. */
  | { readonly kind: 'limit'; readonly already: number }
  | { readonly kind: 'no-room'; readonly already: number }
  | { readonly kind: 'no-worker' }
  | { readonly kind: 'no-runtime' };

export interface Start {
  readonly workerId: string;
  readonly count: number;
}

export interface GiveBack {
  readonly workerId: string;
  /** What it should hold from now on. */
  readonly slots: number;
}

/**
 * Which workers start how many environments for `waiting` invocations. A pure function over the fleet and the limit:
 * the better of two random candidates of the best class, where a class is "slots there, code there, room there, fewest
 * of this function". Who has no slot free of its own shares in what the limit has left; when nothing is left, holders
 * of idle slots where nothing can start are to give some back.
 */
export function advise(
  members: readonly Member[],
  need: { readonly spec: EnvironmentSpec; readonly waiting: number },
  limit: Limit,
  random: Random,
): Advice {
  const ready = members.filter(member => member.standing === 'ready');
  const able = ready.filter(member => member.runtimes.has(need.spec.runtime));
  if (able.length === 0) {
    const nobodyEver = !members.some(member => member.runtimes.has(need.spec.runtime));
    return { kind: ready.length > 0 && nobodyEver ? 'no-runtime' : 'no-worker' };
  }
  const left = slotsLeft(ready, members, limit);
  const candidates = able.map(member => candidateOf(member, need.spec, limit.id));
  const already = candidates.reduce((sum, candidate) => sum + candidate.starting, 0);
  const resumed = left.free > 0 ? candidates.reduce((sum, candidate) => sum + candidate.resumable, 0) : 0;
  const missing = need.waiting - already - resumed;
  if (missing <= 0) return { kind: 'start', already, starts: [] };

  const starts = spread(candidates, { missing, raisable: left.unpromised }, random);
  if (starts.length > 0) return { kind: 'start', already, starts };
  const hasRoom = candidates.some(candidate => candidate.room > 0);
  if (left.free > 0 || limit.slots === undefined)
    return hasRoom ? { kind: 'wait', already, giveBack: [] } : { kind: 'no-room', already };
  const givers = members.filter(member => canGiveBack(member, limit.id));
  const idle = givers.reduce((sum, member) => sum + slotsFree(member, limit.id), 0);
  if (left.free + idle <= 0) return { kind: 'limit', already };
  if (!hasRoom) return { kind: 'no-room', already };
  return { kind: 'wait', already, giveBack: takeBack(givers, limit.id, missing - left.free) };
}

/** Slots that no invocation uses now, and that one could use: held by nobody, or by a worker that can be spoken to. */
export function unusedOf(limit: Limit, members: readonly Member[]): number {
  let unused = unheld(limit, members);
  for (const { standing, shares } of members) {
    const share = shares.get(limit.id);
    if (share && (standing === 'ready' || standing === 'draining')) unused += share.granted - share.used;
  }
  return unused;
}

function canGiveBack(member: Member, limitId: string): boolean {
  return (member.standing === 'ready' || member.standing === 'draining') && slotsFree(member, limitId) > 0;
}

/** What nobody holds of a limit, and how much of it none of those who are ready counts on. */
function slotsLeft(ready: readonly Member[], members: readonly Member[], limit: Limit) {
  const free = unheld(limit, members);
  let promised = 0;
  for (const member of ready)
    promised += Math.max(0, member.shares.get(limit.id)?.wanted ?? 0, -slotsFree(member, limit.id));
  return { free, unpromised: Math.max(0, free - promised) };
}

/** Less raises that a worker has told of before the registry did. */
function unheld(limit: Limit, members: readonly Member[]): number {
  let free = freeOf(limit);
  for (const { workerId, shares } of members)
    if (!limit.grants.has(workerId)) free -= shares.get(limit.id)?.granted ?? 0;
  return free;
}

interface Candidate {
  readonly workerId: string;
  readonly hasCode: boolean;
  readonly starting: number;
  /** Idle environments of this function that only lack a slot, which the worker has asked for. */
  readonly resumable: number;
  /** How many more fit by memory, and how many have a slot; counted down as they are given out. */
  room: number;
  slots: number;
  /** How many of this function it holds; counted up likewise. */
  held: number;
}

function candidateOf(member: Member, spec: EnvironmentSpec, limitId: string): Candidate {
  const count = spec.key && member.holdings.get(environmentKeyText(spec.key));
  const [starting, idle] = [count?.starting ?? 0, count?.idle ?? 0];
  const slots = Math.max(0, slotsFree(member, limitId));
  return {
    workerId: member.workerId,
    hasCode: member.codeCached.has(spec.codeSha256),
    starting,
    resumable: slots > 0 ? 0 : Math.min(idle, member.shares.get(limitId)?.wanted ?? 0),
    room: Math.max(0, Math.floor(member.memoryMbFree / Math.max(1, spec.memoryMb))),
    slots,
    held: starting + idle + (count?.busy ?? 0),
  };
}

function spread(
  candidates: readonly Candidate[],
  { missing, raisable }: { missing: number; raisable: number },
  random: Random,
): Start[] {
  const counts = new Map<string, number>();
  let best: readonly Candidate[] = [];
  let chosen: Candidate | undefined;
  for (let [left, toRaise] = [missing, raisable]; left > 0; left--) {
    // Only who has run out of something has changed its class.
    if (!chosen || chosen.room === 0 || chosen.slots === 0) best = bestOf(candidates, toRaise > 0);
    chosen = betterOfTwo(best, random);
    if (!chosen) break;
    if (chosen.slots > 0) chosen.slots--;
    else toRaise--;
    chosen.room--;
    chosen.held++;
    counts.set(chosen.workerId, (counts.get(chosen.workerId) ?? 0) + 1);
  }
  return [...counts].map(([workerId, count]) => ({ workerId, count }));
}

function bestOf(candidates: readonly Candidate[], canRaise: boolean): readonly Candidate[] {
  const roomy = candidates.filter(candidate => candidate.room > 0);
  const withSlots = roomy.filter(candidate => candidate.slots > 0);
  const able = withSlots.length > 0 ? withSlots : canRaise ? roomy : [];
  const withCode = able.filter(candidate => candidate.hasCode);
  return withCode.length > 0 ? withCode : able;
}

function betterOfTwo(candidates: readonly Candidate[], random: Random): Candidate | undefined {
  const one = candidates[Math.floor(random.fraction() * candidates.length)];
  const other = candidates[Math.floor(random.fraction() * candidates.length)];
  return one && other && other.held < one.held ? other : one;
}

/** So many slots: from those who drain, who give back all that is idle unasked, then from those who have most idle. */
function takeBack(givers: readonly Member[], limitId: string, count: number): GiveBack[] {
  const byIdle = givers.toSorted((one, other) => slotsFree(other, limitId) - slotsFree(one, limitId));
  const giveBack: GiveBack[] = [];
  const [draining, staying] = [
    byIdle.filter(({ standing }) => standing === 'draining'),
    byIdle.filter(({ standing }) => standing !== 'draining'),
  ];
  let left = draining.reduce((missing, giver) => missing - slotsFree(giver, limitId), count);
  for (const giver of staying) {
    if (left <= 0) break;
    const given = Math.min(left, slotsFree(giver, limitId));
    giveBack.push({
      workerId: giver.workerId,
      slots: (giver.shares.get(limitId)?.granted ?? 0) - given,
    });
    left -= given;
  }
  return giveBack;
}
