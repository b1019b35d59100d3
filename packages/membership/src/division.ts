import assert from 'node:assert/strict';
import { POOL_LIMIT_ID, provisionedFunctionOf, provisionedLimitId } from './limit-id.ts';
import type { LimitRecord } from './limit-record.ts';

/**
 * The account's concurrency and its parts, as a value: the pool, each function's reservation, each version's
 * provisioned concurrency. Who changes it changes what the parts want, at once; what they hold follows in `settle`.
 *
 * What the parts want is together the account's concurrency, always: the pool wants what the others leave. What they
 * hold is never more together, but for a while after the account itself has become smaller.
 */
export class Division {
  readonly concurrency: number;
  /** By limit. */
  readonly parts: ReadonlyMap<string, LimitRecord>;

  private constructor(concurrency: number, parts: ReadonlyMap<string, LimitRecord>) {
    this.concurrency = concurrency;
    this.parts = parts;
  }

  /** As it is stored. */
  static of(concurrency: number, parts: ReadonlyMap<string, LimitRecord>): Division {
    return new Division(concurrency, parts);
  }

  /** What functions without a reservation have, less what is provisioned for versions of theirs. */
  get unreserved(): number {
    return this.concurrency - this.#wantedBesidePool;
  }

  /** Undefined: it has no reservation. */
  reservedOf(functionId: string): number | undefined {
    return this.parts.get(functionId)?.reserved;
  }

  /** For all versions of the function together. */
  provisionedOf(functionId: string): number {
    let sum = 0;
    for (const [limitId, { wanted }] of this.parts)
      if (provisionedFunctionOf(limitId) === functionId) sum += wanted;
    return sum;
  }

  /** No smaller than what is reserved and provisioned. */
  resize(concurrency: number): Division {
    return new Division(Math.max(concurrency, this.#wantedBesidePool), this.parts).#balanced();
  }

  /** No less than is provisioned for the function's versions. */
  reserve(functionId: string, slots: number): Division {
    const provisioned = this.provisionedOf(functionId);
    assert.ok(slots >= provisioned, 'what is provisioned is within what is reserved');
    const { held } = this.#part(functionId);
    return this.#with(functionId, { wanted: slots - provisioned, held, reserved: slots });
  }

  unreserve(functionId: string): Division {
    const { held } = this.#part(functionId);
    return this.#with(functionId, { wanted: 0, held });
  }

  /** Of that version, in place of what was provisioned for it before. */
  provision(functionId: string, version: string, slots: number): Division {
    const limitId = provisionedLimitId(functionId, version);
    const division = this.#with(limitId, { ...this.#part(limitId), wanted: slots });
    const reserved = this.reservedOf(functionId);
    return reserved === undefined ? division : division.reserve(functionId, reserved);
  }

  unprovision(functionId: string, version: string): Division {
    return this.provision(functionId, version, 0);
  }

  /** Of a function that is gone: neither a reservation nor anything provisioned. */
  without(functionId: string): Division {
    let division = this.parts.has(functionId) ? this.unreserve(functionId) : this;
    for (const limitId of this.parts.keys())
      if (provisionedFunctionOf(limitId) === functionId)
        division = division.#with(limitId, { ...division.#part(limitId), wanted: 0 });
    return division;
  }

  /** The parts that hold more than they want: what they hold beyond what is granted of them they let go. */
  get givers(): readonly string[] {
    return [...this.parts].filter(([, { wanted, held }]) => held > wanted).map(([limitId]) => limitId);
  }

  /**
   * Moves what is held towards what is wanted: a part lets go of what is more than that and granted to nobody, and
   * the others take what is free. `granted` tells of each giver that was looked at how many slots all workers hold of
   * it; a part of which it tells nothing keeps what it has.
   */
  settle(granted: ReadonlyMap<string, number>): Division {
    const parts = new Map(this.parts);
    for (const [limitId, slots] of granted) {
      const part = parts.get(limitId);
      if (part) parts.set(limitId, { ...part, held: Math.min(part.held, Math.max(part.wanted, slots)) });
    }
    let free = this.concurrency - sumOf(parts.values(), ({ held }) => held);
    for (const limitId of this.#takers().slice(0, TAKERS_MAX)) {
      const part = parts.get(limitId);
      if (!part || free <= 0) continue;
      const taken = Math.max(0, Math.min(part.wanted - part.held, free, this.#leftToFamily(limitId, parts)));
      parts.set(limitId, { ...part, held: part.held + taken });
      free -= taken;
    }
    return new Division(this.concurrency, withoutOver(parts));
  }

  get #wantedBesidePool(): number {
    const others = [...this.parts].filter(([limitId]) => limitId !== POOL_LIMIT_ID);
    return sumOf(others, ([, { wanted }]) => wanted);
  }

  #part(limitId: string): LimitRecord {
    return this.parts.get(limitId) ?? { wanted: 0, held: 0 };
  }

  #with(limitId: string, part: LimitRecord): Division {
    const parts = withoutOver(new Map(this.parts).set(limitId, part));
    return new Division(this.concurrency, parts).#balanced();
  }

  #balanced(): Division {
    const { held } = this.#part(POOL_LIMIT_ID);
    const parts = new Map(this.parts).set(POOL_LIMIT_ID, { wanted: this.unreserved, held });
    return new Division(this.concurrency, parts);
  }

  /** Who wants more than it holds. The pool is last: what it is waiting for may be on its way through a reservation. */
  #takers(): string[] {
    const takers = [...this.parts].filter(([, { wanted, held }]) => held < wanted).map(([id]) => id);
    return takers.sort((one, other) => Number(one === POOL_LIMIT_ID) - Number(other === POOL_LIMIT_ID));
  }

  /** A reservation and what is provisioned within it never hold more than is reserved because one of them is slow. */
  #leftToFamily(limitId: string, parts: ReadonlyMap<string, LimitRecord>): number {
    const functionId = provisionedFunctionOf(limitId) ?? limitId;
    const reserved = parts.get(functionId)?.reserved;
    if (reserved === undefined) return Number.POSITIVE_INFINITY;
    const family = [...parts].filter(([id]) => id === functionId || provisionedFunctionOf(id) === functionId);
    return reserved - sumOf(family, ([, { held }]) => held);
  }
}

/** How many parts take in one settling; well within what one transaction writes. */
const TAKERS_MAX = 64;

/** Less the parts that nobody wants and of which nobody has anything: they need not be remembered. */
function withoutOver(parts: ReadonlyMap<string, LimitRecord>): Map<string, LimitRecord> {
  const isOver = ({ wanted, held, reserved }: LimitRecord) =>
    wanted === 0 && held === 0 && reserved === undefined;
  return new Map([...parts].filter(([limitId, part]) => limitId === POOL_LIMIT_ID || !isOver(part)));
}

function sumOf<T>(items: Iterable<T>, slots: (item: T) => number): number {
  let sum = 0;
  for (const item of items) sum += slots(item);
  return sum;
}
