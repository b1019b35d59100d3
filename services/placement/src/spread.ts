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
 * the best class that anybody is left in. Who has the code goes before others, unless it is crowded beside them.
 */
export function spread(fleet: FleetView, wanted: Wanted, random: Random): Start[] {
  const given = new Map<Member, number>();
  const held = (member: Member) => heldOf(member, wanted.key) + (given.get(member) ?? 0);
  const roomMb = (member: Member) => member.memoryMbFree - wanted.spec.memoryMb * (given.get(member) ?? 0);
  const betterOfTwo = (among: Class): Member | undefined => {
    const [one, other] = [draw(among, random), draw(among, random)];
    if (!one || !other) return undefined;
    // The emptier of two that have as many: so load evens out, and who has just joined gets its share.
    const fewer = held(one) - held(other);
    return fewer < 0 || (fewer === 0 && roomMb(one) >= roomMb(other)) ? one : other;
  };
  let [left, toRaise] = [wanted.missing, wanted.raisable];
  for (const { withCode, all, raises } of tiersOf(fleet, wanted, given)) {
    while (left > 0 && (!raises || toRaise > 0)) {
      const [near, any] = [betterOfTwo(withCode), betterOfTwo(all)];
      const chosen = near && any && roomMb(near) < CROWDED * roomMb(any) ? any : (near ?? any);
      if (!chosen) break;
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
  members: Members;
  readonly fits: (member: Member) => boolean;
}

interface Tier {
  readonly withCode: Class;
  readonly all: Class;
  /** They have no slot for it yet. */
  readonly raises: boolean;
}

/** The better first. Who has run out of something is in none of them any more. */
function tiersOf(fleet: FleetView, wanted: Wanted, given: ReadonlyMap<Member, number>): Tier[] {
  const { spec, limitId } = wanted;
  const memoryMb = Math.max(1, spec.memoryMb);
  const able = (member: Member) =>
    member.standing === 'ready' &&
    member.runtimes.has(spec.runtime) &&
    member.memoryMbFree >= memoryMb * (1 + (given.get(member) ?? 0));
  const hasSlot = (member: Member) => slotsFree(member, limitId) > (given.get(member) ?? 0);
  const hasCode = ({ codeCached }: Member) => codeCached.has(spec.codeSha256);
  const withRoom = fleet.withRoom(memoryMb);
  const tier = (members: Members, fits: Class['fits'], raises: boolean): Tier => ({
    withCode: {
      members: shorter(fleet.withCode(spec.codeSha256), members),
      fits: member => hasCode(member) && fits(member),
    },
    all: { members, fits },
    raises,
  });
  return [
    tier(shorter(fleet.shares(limitId).withSlots, withRoom), one => able(one) && hasSlot(one), false),
    tier(withRoom, able, true),
  ];
}

function shorter(one: Members, other: Members): Members {
  return other.length < one.length ? other : one;
}

/**
 * One of those who fit, each as likely. A few tries find one where many fit; where few do, all are looked at once, and
 * from then on only these.
 */
function draw(among: Class, random: Random): Member | undefined {
  const drawn = () => among.members.at(Math.floor(random.fraction() * among.members.length));
  for (let tries = 0; tries < TRIES && among.members.length > 0; tries++) {
    const member = drawn();
    if (member && among.fits(member)) return member;
  }
  among.members = [...among.members].filter(among.fits);
  return drawn();
}

/** Unlikely to miss a class that half of the workers are in; looking at all of a small set costs no more. */
const TRIES = 8;
/**
 * Of the room that another one has. Who has less has its code for nothing: to fetch it elsewhere takes less time than
 * every call here would lose.
 */
const CROWDED = 0.75;
