import type { EnvironmentKeyText, EnvironmentSpec } from '@lambent/contracts';
import type { Random } from '@lambent/core';
import type { FleetView } from './fleet-view.ts';
import { heldOf, type Member, slotsFree } from './member.ts';
import type { Members } from './member-set.ts';

export interface Start {
  readonly workerId: string;
  readonly count: number;
}

export interface Wanted {
  readonly spec: EnvironmentSpec;
  readonly key: EnvironmentKeyText;
  readonly limitId: string;
  /** How many environments. */
  readonly missing: number;
  /** How many of them may be without a slot, which their workers will raise. */
  readonly raisable: number;
}

/**
 * Which workers start what is wanted, as far as it goes: each environment at the better of two drawn at random from
 * the best class that anybody is left in.
 */
export function spread(fleet: FleetView, wanted: Wanted, random: Random): Start[] {
  const given = new Map<Member, number>();
  const better = (one: Member, other: Member) => {
    const fewer =
      heldOf(one, wanted.key) + (given.get(one) ?? 0) - heldOf(other, wanted.key) - (given.get(other) ?? 0);
    // The emptier of two that have as many: so load evens out, and who has just joined gets its share.
    return fewer < 0 || (fewer === 0 && one.memoryMbFree >= other.memoryMbFree) ? one : other;
  };
  let [left, toRaise] = [wanted.missing, wanted.raisable];
  for (const { members, fits, raises } of classesOf(fleet, wanted, given)) {
    const class_ = { members };
    while (left > 0 && (!raises || toRaise > 0)) {
      const one = draw(class_, fits, random);
      const other = one && draw(class_, fits, random);
      if (!one || !other) break;
      const chosen = better(one, other);
      given.set(chosen, (given.get(chosen) ?? 0) + 1);
      left -= 1;
      if (raises) toRaise -= 1;
    }
  }
  return [...given].map(([{ workerId }, count]) => ({ workerId, count }));
}

/** How many environments these are. */
export function startsOf(starts: readonly Start[]): number {
  return starts.reduce((sum, { count }) => sum + count, 0);
}

/** The first so many of them. */
export function upTo(starts: readonly Start[], most: number): Start[] {
  let left = most;
  return starts.flatMap(({ workerId, count }) => {
    const taken = Math.min(count, left);
    left -= taken;
    return taken > 0 ? [{ workerId, count: taken }] : [];
  });
}

interface Class {
  /** Among whom all of the class are. */
  readonly members: Members;
  readonly fits: (member: Member) => boolean;
  /** They have no slot for it yet. */
  readonly raises: boolean;
}

/** The best first. Who has run out of something is in none of them any more. */
function classesOf(fleet: FleetView, wanted: Wanted, given: ReadonlyMap<Member, number>): Class[] {
  const { spec, limitId } = wanted;
  const memoryMb = Math.max(1, spec.memoryMb);
  const crowdedMb = fleet.averageMbFree * CROWDED;
  const [withCode, withRoom] = [fleet.withCode(spec.codeSha256), fleet.withRoom(memoryMb)];
  const able = (member: Member) =>
    member.standing === 'ready' &&
    member.runtimes.has(spec.runtime) &&
    member.memoryMbFree >= memoryMb * (1 + (given.get(member) ?? 0));
  const hasSlot = (member: Member) => slotsFree(member, limitId) > (given.get(member) ?? 0);
  const hasCode = (member: Member) =>
    member.codeCached.has(spec.codeSha256) &&
    member.memoryMbFree - memoryMb * (given.get(member) ?? 0) >= crowdedMb;
  const withSlots = shorter(fleet.shares(limitId).withSlots, withRoom);
  return [
    {
      members: shorter(withCode, withSlots),
      fits: one => able(one) && hasSlot(one) && hasCode(one),
      raises: false,
    },
    { members: withSlots, fits: one => able(one) && hasSlot(one), raises: false },
    { members: shorter(withCode, withRoom), fits: one => able(one) && hasCode(one), raises: true },
    { members: withRoom, fits: able, raises: true },
  ];
}

function shorter(one: Members, other: Members): Members {
  return other.length < one.length ? other : one;
}

/**
 * One of those who fit, each as likely. A few tries find one where many fit; where few do, all are looked at once, and
 * from then on only these.
 */
function draw(class_: { members: Members }, fits: Class['fits'], random: Random): Member | undefined {
  const drawn = () => class_.members.at(Math.floor(random.fraction() * class_.members.length));
  for (let tries = 0; tries < TRIES && class_.members.length > 0; tries++) {
    const member = drawn();
    if (member && fits(member)) return member;
  }
  class_.members = [...class_.members].filter(fits);
  return drawn();
}

/** Unlikely to miss a class that half of the workers are in; looking at all of a small set costs no more. */
const TRIES = 8;
/**
 * Of the average room. Who has less has its code for nothing: to fetch it elsewhere takes less time than every call
 * there would lose.
 */
const CROWDED = 0.75;
