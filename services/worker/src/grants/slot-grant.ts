import { type Clock, sleep, type Timer } from '@lambent/core';
import { decodeLimit, grantKey, grantsPrefix, limitKey, slotsOf, usableOf } from '@lambent/membership';
import type { Entry, LeaseId, Registry, Transaction, TransactionResult } from '@lambent/registry';

export interface SlotGrantOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly limitId: string;
  readonly workerId: string;
  /** What the grant lives by; undefined while there is none. */
  readonly lease: () => LeaseId | undefined;
  /** How many slots are in use now. */
  readonly used: () => number;
  /** How many more this worker may hold at all, of whatever limit. */
  readonly room: () => number;
  /** What may be used has changed. */
  readonly changed: () => void;
}

/** How many more slots to ask for, of so many free ones. */
export type Ask = (limit: { readonly free: number; readonly workers: number }) => number;

/**
 * This worker's slots of one limit, as the registry keeps them, which nobody else writes: raised before they are used,
 * lowered after they were. One operation at a time.
 *
 * Two numbers are kept of it. `granted` is what the registry was last seen to say. What may be used, `#safe`, is never
 * more than what any transaction of ours may have left or yet leave there: one whose answer was lost may be carried
 * out long after it was looked for in vain, and its slots would be nobody's while the lease lives. So it is ruled out:
 * what was read is written once more, and since each write compares what stood there before, only one comes through.
 */
export class SlotGrant implements Disposable {
  readonly #options: SlotGrantOptions;
  readonly #key: string;
  readonly #closing = new AbortController();
  #granted = 0;
  #safe = 0;
  /** Of the key, when it was last seen; 0: it was not there. */
  #revision = 0;
  /** How many are to be held at most, since others want them or the limit has fallen. */
  #cap = Number.POSITIVE_INFINITY;
  /** Counts what was asked of it, so that the last word stands. */
  #asked = 0;
  #operations: Promise<void> = Promise.resolve();
  #waiting = 0;
  #lowering: Timer | undefined;
  #fitting: Timer | undefined;
  /** Whether all workers together hold no more than the limit, when it was last looked at. */
  #fits: 'yes' | 'no' | 'unread' = 'yes';

  constructor(options: SlotGrantOptions) {
    this.#options = options;
    this.#key = grantKey(options.limitId, options.workerId);
  }

  get granted(): number {
    return this.#granted;
  }

  /** How many slots may be used; fewer than are while some are to be given back. */
  get usable(): number {
    return Math.min(this.#safe, this.#cap);
  }

  /** Whether something is still to be given back. */
  get capped(): boolean {
    return this.#granted > this.#cap;
  }

  /** Takes so many more, if they are free; fewer where fewer are. Resolves when it is known what came of it. */
  async raise(ask: Ask): Promise<void> {
    if (this.#waiting >= RAISES_WAITING_MAX) return;
    this.#asked += 1;
    const asked = this.#asked;
    this.#waiting += 1;
    await this.#next(lease => this.#raise(ask, lease, asked));
    this.#waiting -= 1;
  }

  /** Holds at most so many: at once for new starts, in the registry as soon as what runs allows. */
  lower(slots: number): void {
    this.#asked += 1;
    this.#cap = slots;
    this.#options.changed();
    this.#giveBack();
  }

  /**
   * The limit may have fallen below what all workers hold: lowers itself to its part of it, again and again until
   * together they hold no more. Placement says so too; this binds new starts while there is none.
   */
  fit(): void {
    this.#fitting?.cancel();
    this.#fitting = undefined;
    // One that has not begun reads what is then.
    if (this.#fits === 'unread') return;
    this.#fits = 'unread';
    const run = async (lease: LeaseId) => {
      this.#fits = 'no';
      const limit = await this.#read().catch(() => undefined);
      if (this.#over(lease)) return;
      if (limit && this.#fit(limit)) this.#fits = 'yes';
    };
    void this.#next(run).then(() => {
      if (this.#fits !== 'no' || this.#granted === 0 || this.#fitting || this.#closing.signal.aborted) return;
      this.#fitting = this.#options.clock.setTimer(FIT_AGAIN_MS, () => this.fit());
    });
  }

  /** The lease is gone, and the key with it: whatever is still under way can change nothing any more. */
  forget(): void {
    this.#granted = 0;
    this.#safe = 0;
    this.#revision = 0;
    this.#cap = Number.POSITIVE_INFINITY;
    this.#lowering?.cancel();
    this.#lowering = undefined;
    this.#fitting?.cancel();
    this.#fitting = undefined;
    this.#fits = 'yes';
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#lowering?.cancel();
    this.#fitting?.cancel();
  }

  /** Nobody wrote the key since it was last seen. */
  get #unmoved() {
    return { kind: 'key', key: this.#key, modRevision: this.#revision } as const;
  }

  #next(operation: (lease: LeaseId) => Promise<void>): Promise<void> {
    const run = async () => {
      const lease = this.#options.lease();
      if (lease !== undefined && !this.#closing.signal.aborted) await operation(lease);
    };
    this.#operations = this.#operations.then(run);
    return this.#operations;
  }

  async #raise(ask: Ask, lease: LeaseId, asked: number): Promise<void> {
    const limit = await this.#read().catch(() => undefined);
    // A registry that is silent, a limit that nobody has written: what is held stays as it is.
    if (!limit || this.#over(lease)) return;
    this.#learn(limit.own);
    // It may have been told to lower itself since, and a limit that has fallen binds whoever is in charge of turns.
    if (asked === this.#asked && limit.free >= 0) this.#cap = Number.POSITIVE_INFINITY;
    const more = Math.min(ask(limit), limit.free, this.#options.room(), this.#cap - this.#granted);
    const slots = this.#granted + Math.max(0, more);
    if (slots <= this.#safe) return;
    const { limitId } = this.#options;
    await this.#write(slots, lease, [
      { kind: 'range', prefix: grantsPrefix(limitId), notAfterRevision: limit.revision },
      { kind: 'key', key: limitKey(limitId), modRevision: limit.limitRevision },
    ]);
  }

  #fit(limit: LimitReading): boolean {
    this.#learn(limit.own);
    if (limit.free >= 0) return true;
    const part = Math.floor((this.#granted * limit.slots) / (limit.slots - limit.free));
    this.#cap = Math.min(this.#cap, part);
    this.#options.changed();
    this.#giveBack();
    return false;
  }

  /** Tries at once, and again while what runs keeps more than is wanted. */
  #giveBack(): void {
    this.#lowering?.cancel();
    this.#lowering = undefined;
    void this.#next(lease => this.#lower(lease)).then(() => {
      if (!this.capped || this.#lowering || this.#closing.signal.aborted) return;
      this.#lowering = this.#options.clock.setTimer(LOWER_AGAIN_MS, () => this.#giveBack());
    });
  }

  async #lower(lease: LeaseId): Promise<void> {
    const slots = Math.max(this.#cap, this.#options.used());
    if (slots >= this.#granted) return;
    this.#safe = Math.min(this.#safe, slots);
    await this.#write(slots, lease, [this.#unmoved]);
  }

  async #write(slots: number, lease: LeaseId, compare: Transaction['compare']): Promise<void> {
    const result = await this.#put(slots, lease, compare);
    if (this.#over(lease)) return;
    if (result.kind === 'committed') this.#wrote(slots, result.revision);
    else if (result.kind === 'unknown' || slots < this.#granted) await this.#settle(lease);
    this.#options.changed();
  }

  #put(slots: number, lease: LeaseId, compare: Transaction['compare']): Promise<TransactionResult> {
    const put = { kind: 'put', key: this.#key, value: Buffer.from(String(slots)), lease } as const;
    return this.#options.registry.transact({ compare, write: [put] });
  }

  #wrote(slots: number, revision: number): void {
    this.#granted = slots;
    this.#safe = slots;
    this.#revision = revision;
  }

  /** A write may have come through, or may yet. Nothing else is tried before this is known. */
  async #settle(lease: LeaseId): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    // Closing ends the wait, and the loop with it.
    while (!this.#over(lease) && !(await this.#isSettled(lease)))
      await sleep(clock, SETTLE_AGAIN_MS, { signal }).catch(() => undefined);
  }

  /** One try: what is new there is the last word; else what stands there is written anew, so that it becomes that. */
  async #isSettled(lease: LeaseId): Promise<boolean> {
    const own = await this.#options.registry.get(this.#key).catch(() => 'unread' as const);
    if (own === 'unread' || this.#over(lease)) return false;
    if ((own?.modRevision ?? 0) !== this.#revision) {
      this.#learn(own);
      return true;
    }
    const slots = own ? slotsOf(own) : 0;
    const result = await this.#put(slots, lease, [this.#unmoved]);
    if (result.kind !== 'committed' || this.#over(lease)) return false;
    this.#wrote(slots, result.revision);
    return true;
  }

  #over(lease: LeaseId): boolean {
    return this.#closing.signal.aborted || this.#options.lease() !== lease;
  }

  #learn(own: Entry | undefined): void {
    const revision = own?.modRevision ?? 0;
    this.#granted = own ? slotsOf(own) : 0;
    // Newer than what was known: one of ours came through, and none that was sent before can any more.
    this.#safe = revision > this.#revision ? this.#granted : Math.min(this.#safe, this.#granted);
    this.#revision = revision;
  }

  async #read(): Promise<LimitReading | undefined> {
    const { registry, limitId } = this.#options;
    const { entries, revision } = await registry.range(grantsPrefix(limitId));
    const entry = await registry.get(limitKey(limitId));
    const record = entry && decodeLimit(entry);
    if (!record) return undefined;
    const slots = usableOf(record);
    const sum = entries.reduce((granted, each) => granted + slotsOf(each), 0);
    return {
      own: entries.find(({ key }) => key === this.#key),
      slots,
      free: slots - sum,
      workers: entries.length,
      revision,
      limitRevision: entry.modRevision,
    };
  }
}

interface LimitReading {
  readonly own: Entry | undefined;
  readonly slots: number;
  /** Less than none where the limit has fallen. */
  readonly free: number;
  readonly workers: number;
  readonly revision: number;
  readonly limitRevision: number;
}

/** Turns of one limit come one at a time; what else comes is late news of a replica that believed to be in charge. */
const RAISES_WAITING_MAX = 4;
/** While what runs ends, one write for all that ended meanwhile. */
const LOWER_AGAIN_MS = 100;
const FIT_AGAIN_MS = 250;
const SETTLE_AGAIN_MS = 200;
