import type { EnvironmentKeyText, EnvironmentSpec } from '@lambent/contracts';
import type { Random } from '@lambent/core';
import type { FleetView, KeyHoldings } from './fleet-view.ts';
import { type Member, slotsFree } from './member.ts';
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
  const draft = new Draft(fleet, wanted, random);
  const left = draft.give(wanted.missing, { raises: false });
  if (left > 0) draft.give(Math.min(left, wanted.raisable), { raises: true });
  return draft.starts();
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

/** One decision while it is made: what each worker is given in it. */
class Draft {
  readonly #fleet: FleetView;
  readonly #wanted: Wanted;
  readonly #random: Random;
  readonly #memoryMb: number;
  readonly #holdings: KeyHoldings;
  /** What everybody has is asked of nobody: to look it up in each takes most of the time that a decision takes. */
  readonly #allHaveRuntime: boolean;
  readonly #allHaveSlots: boolean;
  readonly #given = new Map<Member, number>();

  constructor(fleet: FleetView, wanted: Wanted, random: Random) {
    const { spec, key, limitId } = wanted;
    this.#fleet = fleet;
    this.#wanted = wanted;
    this.#random = random;
    this.#memoryMb = Math.max(1, spec.memoryMb);
    this.#holdings = fleet.holdings(key);
    this.#allHaveRuntime = fleet.withRuntime(spec.runtime).length === fleet.ready;
    this.#allHaveSlots = fleet.shares(limitId).withSlots.length === fleet.ready;
  }

  /** So many, or as many as somebody is left for; how many are left over. `raises`: they have no slot for it yet. */
  give(count: number, { raises }: { readonly raises: boolean }): number {
    const { spec, limitId } = this.#wanted;
    const withRoom = this.#fleet.withRoom(this.#memoryMb);
    const members = raises ? withRoom : shorter(this.#fleet.shares(limitId).withSlots, withRoom);
    const withCode = shorter(this.#fleet.withCode(spec.codeSha256), members);
    const all: Class = { members, raises, code: undefined };
    const near: Class = {
      members: withCode,
      raises,
      code: withCode === members ? spec.codeSha256 : undefined,
    };
    for (let left = count; left > 0; left--) {
      const chosen = this.#choose(near, all);
      if (!chosen) return left;
      this.#given.set(chosen, this.#givenTo(chosen) + 1);
    }
    return 0;
  }

  starts(): Start[] {
    return Array.from(this.#given, ([{ workerId }, count]) => ({ workerId, count }));
  }

  #choose(near: Class, all: Class): Member | undefined {
    const nearest = this.#better(this.#draw(near), this.#draw(near));
    const [one, other] = [this.#draw(all), this.#draw(all)];
    if (!nearest) return this.#better(one, other);
    if (!one || !other) return nearest;
    const mostMb = Math.max(this.#roomMb(one), this.#roomMb(other));
    return this.#roomMb(nearest) < CROWDED * mostMb ? this.#better(one, other) : nearest;
  }

  /** The emptier of two that have as many: so load evens out, and who has just joined gets its share. */
  #better(one: Member | undefined, other: Member | undefined): Member | undefined {
    if (!one || !other || one === other) return one;
    const fewer = this.#heldBy(one) - this.#heldBy(other);
    return fewer < 0 || (fewer === 0 && this.#roomMb(one) >= this.#roomMb(other)) ? one : other;
  }

  /**
   * One of those who fit, each as likely. A few tries find one where many fit; where few do, all are looked at once,
   * and from then on only these.
   */
  #draw(among: Class): Member | undefined {
    for (let tries = 0; tries < TRIES && among.members.length > 0; tries++) {
      const member = this.#oneOf(among.members);
      if (member && this.#fits(member, among)) return member;
    }
    among.members = [...among.members].filter(member => this.#fits(member, among));
    return this.#oneOf(among.members);
  }

  #oneOf(members: Members): Member | undefined {
    return members.at(Math.floor(this.#random.fraction() * members.length));
  }

  /** Whether it can take one more. */
  #fits(member: Member, { raises, code }: Class): boolean {
    const { spec, limitId } = this.#wanted;
    const given = this.#givenTo(member);
    return (
      member.standing === 'ready' &&
      member.memoryMbFree >= this.#memoryMb * (1 + given) &&
      (raises || (this.#allHaveSlots && given === 0) || slotsFree(member, limitId) > given) &&
      (this.#allHaveRuntime || member.runtimes.has(spec.runtime)) &&
      (code === undefined || member.codeCached.has(code))
    );
  }

  #givenTo(member: Member): number {
    return this.#given.get(member) ?? 0;
  }

  #heldBy(member: Member): number {
    return this.#holdings.heldBy(member) + this.#givenTo(member);
  }

  #roomMb(member: Member): number {
    return member.memoryMbFree - this.#wanted.spec.memoryMb * this.#givenTo(member);
  }
}

interface Class {
  /** Among whom all of the class are. */
  members: Members;
  /** They have no slot for it yet. */
  readonly raises: boolean;
  /** What they have, where each has to be asked whether it has. */
  readonly code: string | undefined;
}

function shorter(one: Members, other: Members): Members {
  return other.length < one.length ? other : one;
}

/** Unlikely to miss a class that half of the workers are in; looking at all of a small set costs no more. */
const TRIES = 8;
/**
 * Of the room that another one has. Who has less has its code for nothing: to fetch it elsewhere takes less time than
 * every call here would lose.
 */
const CROWDED = 0.75;
