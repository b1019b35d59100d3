import type { Member } from './member.ts';

/** Workers of which one can be drawn: each number below `length` stands for one. */
export interface Members extends Iterable<Member> {
  readonly length: number;
  at(index: number): Member | undefined;
}

/** Workers that come and go one by one, at a cost that does not depend on how many there are. */
export class MemberSet implements Members {
  readonly #members: Member[] = [];
  readonly #places = new Map<Member, number>();

  get length(): number {
    return this.#members.length;
  }

  at(index: number): Member | undefined {
    return this.#members[index];
  }

  /** In it from here on, or not. */
  put(member: Member, belongs: boolean): void {
    const place = this.#places.get(member);
    if (belongs === (place !== undefined)) return;
    if (place === undefined) {
      this.#places.set(member, this.#members.push(member) - 1);
      return;
    }
    this.#places.delete(member);
    const last = this.#members.pop();
    if (!last || last === member) return;
    this.#members[place] = last;
    this.#places.set(last, place);
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
    const set = this.#sets.get(name) ?? new MemberSet();
    set.put(member, belongs);
    if (set.length > 0) this.#sets.set(name, set);
    else this.#sets.delete(name);
  }
}

const NOBODY: Members = [];
