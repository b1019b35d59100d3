import { freeOf, type Limit } from './limit.ts';
import { type Member, type Share, slotsFree } from './member.ts';
import { MemberSet, type Members } from './member-set.ts';

/** What workers hold of one limit, in sums: who decides need not look at all of them to know what they have together. */
export class LimitShares {
  readonly #limitId: string;
  readonly #parts = new Map<Member, Part>();
  readonly #withSlots = new MemberSet();
  readonly #givers = new MemberSet();
  readonly #sums = { promised: 0, unused: 0, idle: 0 };
  /** As long as neither the registry nor a report says otherwise. */
  #unheld: { readonly limit: Limit; readonly slots: number } | undefined;

  constructor(limitId: string) {
    this.#limitId = limitId;
  }

  /** Those who are ready and have slots that are free. */
  get withSlots(): Members {
    return this.#withSlots;
  }

  /** Those who can be asked to give back slots that are free. */
  get givers(): Members {
    return this.#givers;
  }

  /** What the givers have to give. */
  get idle(): number {
    return this.#sums.idle;
  }

  /** What those who are ready count on beyond what they hold. */
  get promised(): number {
    return this.#sums.promised;
  }

  /** Held by somebody who can be spoken to, with no invocation in them. */
  get unused(): number {
    return this.#sums.unused;
  }

  get isEmpty(): boolean {
    return this.#parts.size === 0;
  }

  /** What nobody holds: less raises that a worker has told of before the registry did. */
  unheld(limit: Limit): number {
    const known = this.#unheld;
    if (known?.limit.grants === limit.grants && known.limit.slots === limit.slots) return known.slots;
    let slots = freeOf(limit);
    for (const [{ workerId }, { granted }] of this.#parts) if (!limit.grants.has(workerId)) slots -= granted;
    this.#unheld = { limit, slots };
    return slots;
  }

  /** Its share, or what it may do with it, has changed. */
  update(member: Member): void {
    const before = this.#parts.get(member) ?? NOTHING;
    const share = member.shares.get(this.#limitId);
    const after = share ? partOf(member, share, slotsFree(member, this.#limitId)) : NOTHING;
    if (share) this.#parts.set(member, after);
    else this.#parts.delete(member);
    if (before.granted !== after.granted) this.#unheld = undefined;
    this.#sums.promised += after.promised - before.promised;
    this.#sums.unused += after.unused - before.unused;
    this.#sums.idle += after.idle - before.idle;
    if (before.gives !== after.gives) this.#givers.put(member, after.gives);
    if (before.starts !== after.starts) this.#withSlots.put(member, after.starts);
  }
}

/** What one worker adds to the sums. */
interface Part {
  readonly granted: number;
  readonly promised: number;
  readonly unused: number;
  readonly idle: number;
  /** Whether it is one of those who can be asked for slots, and one of those who can start something with them. */
  readonly gives: boolean;
  readonly starts: boolean;
}

const NOTHING: Part = { granted: 0, promised: 0, unused: 0, idle: 0, gives: false, starts: false };

function partOf({ standing }: Member, { granted, used, wanted }: Share, free: number): Part {
  const isReady = standing === 'ready';
  const speaks = isReady || standing === 'draining';
  return {
    granted,
    promised: isReady ? Math.max(0, wanted, -free) : 0,
    unused: speaks ? granted - used : 0,
    idle: speaks ? Math.max(0, free) : 0,
    gives: speaks && free > 0,
    starts: isReady && free > 0,
  };
}
