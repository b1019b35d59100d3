import type { EnvironmentKeyText } from '@lambent/contracts';
import type { KeyHoldings } from './fleet-view.ts';
import type { Count, Member } from './member.ts';

/** Who holds environments of which key, and how many of these start or are idle. */
export class KeyHolders {
  readonly #byKey = new Map<EnvironmentKeyText, HeldKey>();

  of(key: EnvironmentKeyText): KeyHoldings {
    return this.#byKey.get(key) ?? NONE;
  }

  /** What it holds of the key from here on; undefined: nothing. */
  put(member: Member, key: EnvironmentKeyText, count: Count | undefined): void {
    const known = this.#byKey.get(key);
    if (!known) {
      if (count) this.#byKey.set(key, new HeldKey(member, count));
      return;
    }
    known.put(member, count);
    if (known.holders.length === 0) this.#byKey.delete(key);
  }

  /** One who holds some already was counted up. */
  startsMore(key: EnvironmentKeyText, count: number): void {
    const known = this.#byKey.get(key);
    if (known) known.starting += count;
  }
}

/** Most keys are held by very few, so that each is found by looking at all. */
class HeldKey implements KeyHoldings {
  starting: number;
  idle: number;
  readonly holders: Member[];
  /** What each of them holds. */
  readonly #counts: Count[];

  constructor(member: Member, count: Count) {
    this.starting = count.starting;
    this.idle = count.idle;
    this.holders = [member];
    this.#counts = [count];
  }

  heldBy(member: Member): number {
    const count = this.#counts[this.holders.indexOf(member)];
    return count ? count.starting + count.idle + count.busy : 0;
  }

  put(member: Member, after: Count | undefined): void {
    const known = this.holders.indexOf(member);
    const place = known < 0 ? this.holders.length : known;
    const before = this.#counts[place];
    this.starting += (after?.starting ?? 0) - (before?.starting ?? 0);
    this.idle += (after?.idle ?? 0) - (before?.idle ?? 0);
    if (after) {
      this.holders[place] = member;
      this.#counts[place] = after;
    } else if (before) {
      this.holders.splice(place, 1);
      this.#counts.splice(place, 1);
    }
  }
}

const NONE: KeyHoldings = { starting: 0, idle: 0, holders: [], heldBy: () => 0 };
