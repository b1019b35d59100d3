import { type EnvironmentKeyText, type EnvironmentSpec, environmentKeyText } from '@lambent/contracts';
import type { Random } from '@lambent/core';
import type { FleetView } from './fleet-view.ts';
import type { Limit } from './limit.ts';
import { type Member, slotsFree } from './member.ts';
import { type Start, spread } from './spread.ts';

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

export interface GiveBack {
  readonly workerId: string;
  /** What it should hold from now on. */
  readonly slots: number;
}

/**
 * Which workers start how many environments for `waiting` invocations. A pure function over the fleet and the limit:
 * the better of two random candidates of the best class, where a class is "slots there, code there, room there", and
 * the better one has fewest of this function. Who has no slot free of its own shares in what the limit has left; when
 * nothing is left, holders of idle slots where nothing can start are to give some back.
 */
export function advise(
  fleet: FleetView,
  { spec, waiting }: { readonly spec: EnvironmentSpec; readonly waiting: number },
  limit: Limit,
  random: Random,
): Advice {
  if (fleet.withRuntime(spec.runtime).length === 0)
    return { kind: fleet.ready > 0 && !fleet.hasRuntime(spec.runtime) ? 'no-runtime' : 'no-worker' };
  if (!spec.key) return { kind: 'start', already: 0, starts: [] };
  const key = environmentKeyText(spec.key);
  const shares = fleet.shares(limit.id);
  const free = shares.unheld(limit);
  const already = fleet.holdings(key).starting;
  const missing = waiting - already - (free > 0 ? resumable(fleet, key, limit.id) : 0);
  if (missing <= 0) return { kind: 'start', already, starts: [] };

  const raisable = Math.max(0, free - shares.promised);
  const starts = spread(fleet, { spec, key, limitId: limit.id, missing, raisable }, random);
  if (starts.length > 0) return { kind: 'start', already, starts };
  const hasRoom = anyRoom(fleet, spec);
  if (free > 0 || limit.slots === undefined)
    return hasRoom ? { kind: 'wait', already, giveBack: [] } : { kind: 'no-room', already };
  if (free + shares.idle <= 0) return { kind: 'limit', already };
  if (!hasRoom) return { kind: 'no-room', already };
  return { kind: 'wait', already, giveBack: takeBack([...shares.givers], limit.id, missing - free) };
}

/** Slots that no invocation uses now, and that one could use: held by nobody, or by a worker that can be spoken to. */
export function unusedOf(limit: Limit, fleet: FleetView): number {
  const shares = fleet.shares(limit.id);
  return shares.unheld(limit) + shares.unused;
}

/** Idle environments of this key that only lack a slot, which their workers have asked for. */
function resumable(fleet: FleetView, key: EnvironmentKeyText, limitId: string): number {
  const { idle, holders } = fleet.holdings(key);
  if (idle === 0) return 0;
  let sum = 0;
  for (const member of holders)
    if (slotsFree(member, limitId) <= 0)
      sum += Math.min(member.holdings.get(key)?.idle ?? 0, member.shares.get(limitId)?.wanted ?? 0);
  return sum;
}

function anyRoom(fleet: FleetView, { memoryMb, runtime }: EnvironmentSpec): boolean {
  for (const member of fleet.withRoom(Math.max(1, memoryMb)))
    if (member.memoryMbFree >= Math.max(1, memoryMb) && member.runtimes.has(runtime)) return true;
  return false;
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
