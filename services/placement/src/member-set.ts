import type { Member } from './member.ts';

/** Workers of which one can be drawn: each number below `length` stands for one. */
export interface Members extends Iterable<Member> {
  readonly length: number;
  at(index: number): Member | undefined;
}

/**
 * Workers that come and go one by one. There are about as many such sets as functions and most are of very few, so
 * none remembers where each worker stands: to look through a cell's 250 takes as long as to look that up.
 */
export class MemberSet implements Members {
  readonly #members: Member[];

  constructor(members: Member[] = []) {
    this.#members = members;
  }

  get length(): number {
    return this.#members.length;
  }

  at(index: number): Member | undefined {
    return this.#members[index];
  }

  /** In it from here on, or not. */
  put(member: Member, belongs: boolean): void {
    const place = this.#members.indexOf(member);
    if (belongs === place >= 0) return;
    if (belongs) {
      this.#members.push(member);
      return;
    }
    const last = this.#members.pop();
    if (last && last !== member) this.#members[place] = last;
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#members.values();
  }
}

/** Sets of workers by some name; one that nobody is in is not kept. */
export class MemberSets {
  readonly #sets = new Map<string, MemberSet>();

  of(name: string): Members {
    return this.#sets.get(name) ?? NOBODY;
  }

  put(name: string, member: Member, belongs: boolean): void {
    const set = this.#sets.get(name);
    if (!set) {
      if (belongs) this.#sets.set(name, new MemberSet([member]));
      return;
    }
    set.put(member, belongs);
    if (set.length === 0) this.#sets.delete(name);
  }
}

const NOBODY: Members = [];
