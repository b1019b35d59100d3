import type { Member } from './member.ts';
import type { Members } from './member-set.ts';

/**
 * The workers that are ready, by how much memory they have free, in classes each twice as roomy as the one before: who
 * has room for something is found without asking those who have far too little. They stand in one row, class by class,
 * so that all from one class on are the rest of the row.
 */
export class Rooms {
  readonly #row: Member[] = [];
  readonly #places = new Map<Member, number>();
  /** Where each class begins; last, where the row ends, and whoever stands behind is in none. */
  readonly #begins: number[] = Array.from({ length: OUTSIDE + 1 }, () => 0);

  get size(): number {
    return this.#row.length;
  }

  /** Its memory has changed, or whether it is ready. */
  update(member: Member): void {
    const isReady = member.standing === 'ready';
    const place = this.#places.get(member) ?? (isReady ? this.#enter(member) : undefined);
    if (place === undefined) return;
    this.#move(place, isReady ? classOf(member.memoryMbFree) : OUTSIDE);
    if (!isReady) this.#leave(member);
  }

  /** All who have so much free, and of those who have half as much some. */
  of(memoryMb: number): Members {
    return new RestOfRow(this.#row, this.#begins[classOf(memoryMb)] ?? 0);
  }

  #enter(member: Member): number {
    this.#places.set(member, this.#row.length);
    return this.#row.push(member) - 1;
  }

  /** Who stands behind all others by now. */
  #leave(member: Member): void {
    this.#row.pop();
    this.#places.delete(member);
  }

  /** Across each border between, by changing places with whoever stands there. */
  #move(from: number, target: number): void {
    const begins = this.#begins;
    let place = from;
    for (let border = 1; border <= target; border++) {
      const begin = begins[border] ?? 0;
      if (place >= begin) continue;
      begins[border] = begin - 1;
      place = this.#swap(place, begin - 1);
    }
    for (let border = OUTSIDE; border > target; border--) {
      const begin = begins[border] ?? 0;
      if (place < begin) continue;
      begins[border] = begin + 1;
      place = this.#swap(place, begin);
    }
  }

  /** Where the first one is then. */
  #swap(place: number, other: number): number {
    if (place === other) return place;
    const member = this.#row[place] as Member;
    this.#put(this.#row[other] as Member, place);
    this.#put(member, other);
    return other;
  }

  #put(member: Member, place: number): void {
    this.#row[place] = member;
    this.#places.set(member, place);
  }
}

class RestOfRow implements Members {
  readonly length: number;
  readonly #row: readonly Member[];
  readonly #from: number;

  constructor(row: readonly Member[], from: number) {
    this.#row = row;
    this.#from = from;
    this.length = row.length - from;
  }

  at(index: number): Member | undefined {
    return this.#row[this.#from + index];
  }

  *[Symbol.iterator](): Iterator<Member> {
    for (let place = this.#from; place < this.#row.length; place++) yield this.#row[place] as Member;
  }
}

/** Memory of 2ⁿ⁻¹ to 2ⁿ − 1 MB is of class n; less than one, which more starting than fits leads to, of class 0. */
function classOf(memoryMb: number): number {
  return memoryMb < 1 ? 0 : Math.min(CLASSES - 1, 32 - Math.clz32(memoryMb));
}

/** The last one begins at half a terabyte. */
const CLASSES = 21;
/** Of whoever is not ready. */
const OUTSIDE = CLASSES;
