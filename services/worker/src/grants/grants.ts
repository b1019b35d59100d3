import type { EnvironmentKey } from '@lambent/contracts';
import type { Clock, LambentError, Random } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import {
  grantBlock,
  Limits,
  provisionedFunctionOf,
  provisionedLimitId,
  usableOf,
  watchLimits,
} from '@lambent/membership';
import type { LeaseId, Registry } from '@lambent/registry';
import { type Keeper, KeptDeadline } from '../kept-deadline.ts';
import { GrantLease } from './grant-lease.ts';
import { type Awaited, LimitSlots } from './limit-slots.ts';
import { LoneRaise } from './lone-raise.ts';
import { SlotGrant } from './slot-grant.ts';

export interface GrantsOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly workerId: string;
  readonly termMs: number;
  /** How many slots this worker may hold at all. */
  readonly slotsMax: number;
  readonly keeper: Keeper | undefined;
  /** Writes down for all to see what this worker's grants live by now. Rejects with `worker-id-taken`. */
  readonly name: (lease: LeaseId) => Promise<void>;
  /** The environments that will want a slot of that limit. */
  readonly awaited: (limitId: string) => Awaited;
  /** Kills every invocation in flight. */
  readonly endRuns: () => void;
  /** What is held has changed: perhaps there are slots for those who wait for one. */
  readonly changed: () => void;
}

/** A worker's slots of one limit, as placement is told of them. */
export interface GrantHolding {
  readonly limitId: string;
  readonly granted: number;
  readonly used: number;
  readonly wanted: number;
}

/** The concurrency leases of this worker: how many slots of each limit it holds, and uses. */
export class Grants implements AsyncDisposable {
  /** Resolves, if ever, with why this worker admits nothing any more: another one has its identity. */
  readonly failed: Promise<LambentError>;
  readonly #options: GrantsOptions;
  readonly #fail: (error: LambentError) => void;
  /** Made when first asked for. Bounded by the limits there are. */
  readonly #limits = new Map<string, Limit>();
  readonly #deadline: KeptDeadline | undefined;
  #lease: GrantLease | undefined;
  #known = new Limits();
  #watch: AsyncDisposable | undefined;
  #draining = false;

  constructor(options: GrantsOptions) {
    const { promise, resolve } = Promise.withResolvers<LambentError>();
    this.failed = promise;
    this.#fail = resolve;
    this.#options = options;
    const { keeper } = options;
    this.#deadline = keeper && new KeptDeadline({ ...options, keeper, busy: () => this.used > 0 });
  }

  /** Until this resolves no slot can be had. Rejects with `registry-unavailable` or `worker-id-taken`. */
  async begin(): Promise<void> {
    this.#lease = await GrantLease.open({
      ...this.#options,
      renewed: untilMs => this.#deadline?.held(untilMs),
      fenced: this.#options.endRuns,
      inUse: () => this.used > 0,
      changed: () => this.#forget(),
      taken: error => this.#fail(error),
    });
    this.#watch = await watchLimits({ ...this.#options, changed: limits => this.#learn(limits) });
  }

  /** Whether slots may be had at all: not while the lease they live by is in doubt. */
  get open(): boolean {
    return this.#lease?.open === true;
  }

  /** In use now, of all limits. */
  get used(): number {
    let used = 0;
    for (const { slots } of this.#limits.values()) used += slots.used;
    return used;
  }

  /** Not in use, of what is held. */
  get free(): number {
    let free = 0;
    for (const { slots } of this.#limits.values()) free += slots.free;
    return free;
  }

  /** Whether this worker's own bound leaves room for another invocation. */
  get hasRoom(): boolean {
    return this.used < this.#options.slotsMax;
  }

  /** What the function's invocations count against, as far as this worker has heard. */
  limitOf(functionId: string): string {
    return this.#known.limitOf(functionId);
  }

  freeOf(limitId: string): number {
    return this.#limit(limitId).slots.free;
  }

  /** Whether that version has provisioned concurrency, here or elsewhere. */
  isProvisioned({ functionId, version }: Pick<EnvironmentKey, 'functionId' | 'version'>): boolean {
    return (this.#known.get(provisionedLimitId(functionId, version))?.wanted ?? 0) > 0;
  }

  /** A slot for that invocation, held until disposed of. Undefined: none is free; that it was wanted is remembered. */
  take(limitId: string, requestId: string): Disposable | undefined {
    const { slots, lone } = this.#limit(limitId);
    const slot = slots.take(requestId);
    if (!slot) lone.consider();
    return slot;
  }

  /** Something starts that will want a slot. */
  want(limitId: string): void {
    this.#limit(limitId).lone.consider();
  }

  /** Holds so many of that limit whether they are used or not: for environments that are provisioned. */
  keep(limitId: string, slots: number): void {
    const limit = this.#limit(limitId);
    if (this.#draining || slots === limit.kept) return;
    // Also where less is granted: a raise may be under way that was to bring more.
    if (slots < limit.kept) limit.grant.lower(slots);
    limit.kept = slots;
    limit.lone.consider();
  }

  /** Placement gives a turn. Resolves with what is held when it is over. */
  async raise(limitId: string, slots: number): Promise<number> {
    const limit = this.#limit(limitId);
    const { grant, lone } = limit;
    if (this.#draining) return grant.granted;
    lone.advised();
    await grant.raise(() => this.#useful(limitId, limit, slots));
    return grant.granted;
  }

  /** Placement asks for what is more than so many, and has what is not to be kept. */
  lower(limitId: string, slots: number): void {
    // It gives back everything already; advice that knows nothing of that yet asks for less.
    if (this.#draining) return;
    const { grant, lone, kept } = this.#limit(limitId);
    lone.advised(LOWERED_QUIET_MS);
    grant.lower(Math.max(slots, kept));
  }

  /** Raises nothing any more, and gives back what is free as it becomes free. */
  drain(): void {
    this.#draining = true;
    for (const { grant, lone } of this.#limits.values()) {
      lone[Symbol.dispose]();
      grant.lower(0);
    }
  }

  /** Of every limit of which there are slots here, or some are wanted. */
  holdings(): GrantHolding[] {
    const holdings = [...this.#limits].map(([limitId, limit]) => ({
      limitId,
      granted: limit.grant.granted,
      used: limit.slots.used,
      wanted: this.#wanted(limitId, limit),
    }));
    return holdings.filter(({ granted, used, wanted }) => granted + used + wanted > 0);
  }

  /** For when nothing runs any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { grant, lone } of this.#limits.values()) {
      lone[Symbol.dispose]();
      grant[Symbol.dispose]();
    }
    await this.#watch?.[Symbol.asyncDispose]();
    await this.#lease?.[Symbol.asyncDispose]();
    this.#deadline?.[Symbol.dispose]();
  }

  #limit(limitId: string): Limit {
    const known = this.#limits.get(limitId);
    if (known) return known;
    const limit = this.#openLimit(limitId);
    this.#limits.set(limitId, limit);
    return limit;
  }

  #openLimit(limitId: string): Limit {
    const { changed } = this.#options;
    const slots = new LimitSlots({
      ...this.#options,
      usable: () => (this.open ? grant.usable : 0),
      changed: () => this.#deadline?.changed(),
    });
    const grant = new SlotGrant({
      ...this.#options,
      limitId,
      lease: () => this.#lease?.id,
      used: () => slots.used,
      room: () => this.#room(),
      changed,
    });
    const lone = new LoneRaise({
      ...this.#options,
      wanted: () => this.open && !grant.capped && this.#wanted(limitId, limit) > 0,
      raise: async () => {
        const before = grant.granted;
        await grant.raise(free => this.#useful(limitId, limit, grantBlock(free)));
        return grant.granted > before;
      },
    });
    const limit: Limit = { grant, slots, lone, kept: 0, usable: undefined };
    return limit;
  }

  #wanted(limitId: string, { grant, slots, kept }: Limit): number {
    if (this.#draining) return 0;
    return Math.max(slots.wanted(this.#options.awaited(limitId)), kept - grant.granted);
  }

  /** Of what is provisioned no more than is kept here: nobody asks for the rest to be given back. */
  #useful(limitId: string, { grant, kept }: Limit, slots: number): number {
    return provisionedFunctionOf(limitId) === undefined ? slots : Math.min(slots, kept - grant.granted);
  }

  #room(): number {
    let granted = 0;
    for (const { grant } of this.#limits.values()) granted += grant.granted;
    return this.#options.slotsMax - granted;
  }

  #learn(limits: Limits): void {
    this.#known = limits;
    for (const [limitId, limit] of this.#limits) {
      const record = limits.get(limitId);
      const usable = record && usableOf(record);
      if (usable !== limit.usable && limit.grant.granted > 0) limit.grant.fit();
      limit.usable = usable;
      const isIdle = limit.grant.granted + limit.slots.used + limit.kept === 0;
      if (!record && isIdle) this.#forgetLimit(limitId, limit);
    }
    this.#options.changed();
  }

  /** Nobody can have any of it any more; one of the same name would be another limit. */
  #forgetLimit(limitId: string, { grant, lone }: Limit): void {
    lone[Symbol.dispose]();
    grant[Symbol.dispose]();
    this.#limits.delete(limitId);
  }

  #forget(): void {
    for (const { grant } of this.#limits.values()) grant.forget();
    this.#options.changed();
  }
}

interface Limit {
  readonly grant: SlotGrant;
  readonly slots: LimitSlots;
  readonly lone: LoneRaise;
  /** How many are held whether they are used or not. */
  kept: number;
  /** By all workers together, when it was last seen. */
  usable: number | undefined;
}

/** Whoever was to have them has had them by then. */
const LOWERED_QUIET_MS = 2_000;
