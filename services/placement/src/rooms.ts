import type { Member } from './member.ts';
import { MemberSet, type Members } from './member-set.ts';

/**
 * The workers that are ready, by how much memory they have free, in classes each twice as roomy as the one before: who
 * has room for something is found without asking those who have far too little.
 */
export class Rooms {
  readonly #classes = Array.from({ length: CLASSES }, () => new MemberSet());
  /** What each had free when it was put where it is. */
  readonly #freeMb = new Map<Member, number>();

  get size(): number {
    return this.#freeMb.size;
  }

  /** Its memory has changed, or whether it is ready. */
  update(member: Member): void {
    const beforeMb = this.#freeMb.get(member);
    const afterMb = member.standing === 'ready' ? member.memoryMbFree : undefined;
    if (beforeMb === afterMb) return;
    if (beforeMb !== undefined) this.#classes[classOf(beforeMb)]?.put(member, false);
    if (afterMb === undefined) {
      this.#freeMb.delete(member);
      return;
    }
    this.#classes[classOf(afterMb)]?.put(member, true);
    this.#freeMb.set(member, afterMb);
  }

  /** All who have so much free, and of those who have half as much some. */
  of(memoryMb: number): Members {
    return new JoinedSets(this.#classes.slice(classOf(memoryMb)).filter(({ length }) => length > 0));
  }
}

class JoinedSets implements Members {
  readonly length: number;
  readonly #sets: readonly MemberSet[];

  constructor(sets: readonly MemberSet[]) {
    this.#sets = sets;
    this.length = sets.reduce((sum, { length }) => sum + length, 0);
  }

  at(index: number): Member | undefined {
    let rest = index;
    for (const set of this.#sets) {
      if (rest < set.length) return set.at(rest);
      rest -= set.length;
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<Member> {
    for (const set of this.#sets) yield* set;
  }
}

/** Memory of 2ⁿ⁻¹ to 2ⁿ − 1 MB is of class n; less than one, which more starting than fits leads to, of class 0. */
function classOf(memoryMb: number): number {
  return memoryMb < 1 ? 0 : Math.min(CLASSES - 1, 32 - Math.clz32(memoryMb));
}

/** The last one begins at half a terabyte. */
const CLASSES = 21;
