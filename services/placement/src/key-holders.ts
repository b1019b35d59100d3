import type { EnvironmentKeyText } from '@lambent/contracts';
import type { KeyHoldings } from './fleet-view.ts';
import type { Count, Member } from './member.ts';

/** Who holds environments of which key, and how many of these start or are idle. */
export class KeyHolders {
  readonly #byKey = new Map<
    EnvironmentKeyText,
    { starting: number; idle: number; readonly holders: Set<Member> }
  >();

  of(key: EnvironmentKeyText): KeyHoldings {
    return this.#byKey.get(key) ?? NONE;
  }

  /** Takes the place of what it held before. */
  put(member: Member, key: EnvironmentKeyText, before: Count | undefined, after: Count | undefined): void {
    const known = this.#byKey.get(key) ?? { starting: 0, idle: 0, holders: new Set<Member>() };
    known.starting += (after?.starting ?? 0) - (before?.starting ?? 0);
    known.idle += (after?.idle ?? 0) - (before?.idle ?? 0);
    if (after) known.holders.add(member);
    else known.holders.delete(member);
    if (known.holders.size > 0) this.#byKey.set(key, known);
    else this.#byKey.delete(key);
  }
}

const NONE: KeyHoldings = { starting: 0, idle: 0, holders: [] };
