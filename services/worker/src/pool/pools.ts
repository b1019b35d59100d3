import type { Clock, Random, Timer } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { findStartVariable, type Runtime } from '@lambent/runtimes';
import type { DoorwayName, Equipment, Sandbox, Sandboxes } from '@lambent/sandbox';
import type { MemoryBudget } from '../memory-budget.ts';
import { Pool, type Waiting } from './pool.ts';
import { WaitingSandbox } from './waiting-sandbox.ts';

export interface PoolsOptions {
  readonly sandboxes: Sandboxes;
  readonly memory: MemoryBudget;
  /** How many of one kind wait at least and at most; at most 0 is no pools. */
  readonly poolMin: number;
  readonly poolMax: number;
  /** What all that wait may use together. */
  readonly poolMemoryMb: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What a start asks a pool for. */
export interface PoolWish extends Equipment {
  readonly runtime: Runtime;
  readonly doorways: Readonly<Partial<Record<DoorwayName, number>>>;
  /** Resolves when what is to be mounted is whole. */
  readonly whole: Promise<void>;
}

/** How it was answered; `unfit`: the function sets something that acts only when its program starts. */
export type PoolAnswer = 'given' | 'empty' | 'unfit' | 'off';

/**
 * Sandboxes started ahead, one pool for each runtime and what else its program is started with. A pool begins with the
 * first start that would have had use for it, and ends when there was none for long. They are started one at a time,
 * with the lowest share of the processor, out of memory that nobody else uses, and go first when somebody needs it.
 */
export class Pools implements AsyncDisposable {
  readonly #options: PoolsOptions;
  readonly #pools = new Map<string, PoolOfKind>();
  readonly #ending = new Set<Promise<void>>();
  #filling: Promise<void> | undefined;
  /** How many wait for memory to be freed, which must not be taken again. */
  #yielding = 0;
  #closed = false;
  #timer: Timer;
  /** Set while filling is put off. */
  #fillTimer: Timer | undefined;

  constructor(options: PoolsOptions) {
    this.#options = options;
    this.#timer = this.#nextReview();
  }

  /** How many wait, of all kinds. */
  get waiting(): number {
    return this.#sum(pool => pool.waiting);
  }

  /** What they hold of the memory budget, the one that is being started too. */
  get memoryMb(): number {
    return this.#sum(pool => pool.memoryMb) + (this.#filling ? WAITING_MB : 0);
  }

  /** A sandbox with everything in it that was wished for, as if it had been started for that; undefined: start one. */
  async take(
    wish: PoolWish,
    answered: (answer: PoolAnswer) => void = () => {},
  ): Promise<Sandbox | undefined> {
    const { sandboxes, poolMax, clock, logger } = this.#options;
    if (this.#closed || poolMax === 0 || !sandboxes.confinement.lateMounts.held) {
      answered('off');
      return undefined;
    }
    if (findStartVariable(wish.runtime, wish.environment) !== undefined) {
      answered('unfit');
      return undefined;
    }
    const taken = this.#poolFor(wish).pool.take(clock.monotonicMs());
    this.#fillSoon();
    answered(taken ? 'given' : 'empty');
    if (!taken) return undefined;
    taken.memory[Symbol.dispose]();
    try {
      return await taken.sandbox.give(wish, wish.whole);
    } catch (error) {
      logger.warn({ err: error }, 'waiting sandbox not given');
      return undefined;
    }
  }

  /** Ends as many that wait as free so much memory, those first whose like was not wanted for longest. Waits for their end. */
  async yield(memoryMb: number): Promise<void> {
    this.#yielding += 1;
    try {
      // What is being started can only be ended once it has.
      await this.#filling;
      const ended: Promise<void>[] = [];
      let missingMb = memoryMb;
      for (const { pool } of this.#leastWantedFirst()) {
        while (missingMb > 0) {
          const dropped = pool.drop();
          if (!dropped) break;
          missingMb -= dropped.memoryMb;
          ended.push(this.#end(dropped));
        }
      }
      await Promise.all(ended);
    } finally {
      this.#yielding -= 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer.cancel();
    this.#fillTimer?.cancel();
    await this.#filling;
    for (const { pool } of this.#pools.values()) this.#drop(pool, pool.waiting);
    await Promise.all(this.#ending);
  }

  #poolFor({ runtime, memoryMb, doorways }: PoolWish): PoolOfKind {
    const { poolMin, poolMax, clock } = this.#options;
    const command = runtime.command({ memoryMb, environment: runtime.variables });
    const name = JSON.stringify([runtime.identifier, command, doorways]);
    const known = this.#pools.get(name);
    if (known) return known;
    if (this.#pools.size >= KINDS_MAX) this.#forgetOne();
    const pool = new Pool({ min: Math.min(poolMin, poolMax), max: poolMax }, clock.monotonicMs());
    const made = { name, pool, runtime, memoryMb, doorways };
    this.#pools.set(name, made);
    return made;
  }

  #fillSoon(): void {
    this.#fillTimer ??= this.#options.clock.setTimer(FILL_PAUSE_MS, () => {
      this.#fillTimer = undefined;
      this.#fill();
    });
  }

  /** Starts what lacks, one after the other. */
  #fill(): void {
    if (this.#closed || this.#filling || this.#yielding > 0) return;
    const next = this.#nextToFill();
    if (!next) return;
    this.#filling = this.#startOne(next).finally(() => {
      this.#filling = undefined;
      this.#fill();
    });
  }

  /** Of those that lack some, the one wanted last; undefined also when there is no memory to spare. */
  #nextToFill(): PoolOfKind | undefined {
    const { memory, poolMemoryMb, clock } = this.#options;
    if (memory.freeMb < WAITING_MB || this.memoryMb + WAITING_MB > poolMemoryMb) return undefined;
    const nowMs = clock.monotonicMs();
    return this.#leastWantedFirst().findLast(({ pool }) => pool.lacking > 0 && pool.pausedUntilMs <= nowMs);
  }

  async #startOne(kind: PoolOfKind): Promise<void> {
    const { sandboxes, memory, clock, random, logger } = this.#options;
    const held = memory.take(WAITING_MB);
    if (!held) return;
    try {
      const id = Buffer.from(random.bytes(8)).toString('hex');
      const sandbox = await WaitingSandbox.start(sandboxes, {
        ...kind,
        id,
        waitingMb: WAITING_MB,
        ephemeralStorageMb: EPHEMERAL_STORAGE_MB,
      });
      held[Symbol.dispose]();
      this.#keep(kind, sandbox);
    } catch (error) {
      held[Symbol.dispose]();
      kind.pool.pausedUntilMs = clock.monotonicMs() + PAUSE_MS;
      logger.warn({ runtime: kind.runtime.identifier, err: error }, 'sandbox not started ahead');
    }
  }

  /** From here on it holds only as much as it was seen to need. */
  #keep({ name, pool }: PoolOfKind, sandbox: WaitingSandbox): void {
    const memoryMb = Math.min(WAITING_MB, sandbox.memoryMb ?? WAITING_MB);
    const memory = this.#options.memory.take(memoryMb);
    const waiting: Waiting = { sandbox, memory: memory ?? NO_MEMORY, memoryMb };
    if (this.#closed || !memory || !this.#pools.has(name)) return void this.#end(waiting);
    pool.add(waiting);
    const remove = () => {
      if (pool.remove(waiting)) void this.#end(waiting);
    };
    sandbox.exited.then(remove, remove);
  }

  #nextReview(): Timer {
    return this.#options.clock.setTimer(PERIOD_MS, () => {
      this.#review();
      this.#timer = this.#nextReview();
    });
  }

  #review(): void {
    const sinceMs = this.#options.clock.monotonicMs() - KIND_KEPT_MS;
    for (const kind of this.#pools.values()) {
      kind.pool.review();
      if (kind.pool.wantedMs > sinceMs) this.#drop(kind.pool, -kind.pool.lacking);
      else this.#forget(kind);
    }
    this.#fill();
  }

  #forgetOne(): void {
    const [oldest] = this.#leastWantedFirst();
    if (oldest) this.#forget(oldest);
  }

  #forget({ name, pool }: PoolOfKind): void {
    this.#pools.delete(name);
    this.#drop(pool, pool.waiting);
  }

  #leastWantedFirst(): readonly PoolOfKind[] {
    return [...this.#pools.values()].sort((a, b) => a.pool.wantedMs - b.pool.wantedMs);
  }

  #drop(pool: Pool, count: number): void {
    for (let dropped = 0; dropped < count; dropped += 1) {
      const waiting = pool.drop();
      if (waiting) void this.#end(waiting);
    }
  }

  /** Its memory is free when nothing of it is left. */
  #end({ sandbox, memory }: Waiting): Promise<void> {
    const ending = sandbox[Symbol.asyncDispose]().then(
      () => memory[Symbol.dispose](),
      // Something of it may still run, so it keeps its memory.
      error => this.#options.logger.error({ err: error }, 'waiting sandbox not removed'),
    );
    const ended = ending.finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
    return ended;
  }

  #sum(of: (pool: Pool) => number): number {
    return [...this.#pools.values()].reduce((sum, { pool }) => sum + of(pool), 0);
  }
}

interface PoolOfKind extends Pick<PoolWish, 'runtime' | 'memoryMb' | 'doorways'> {
  readonly name: string;
  readonly pool: Pool;
}

const NO_MEMORY: Disposable = { [Symbol.dispose]: () => {} };
/** The smallest memory size of a function: a runtime that boots with less could serve none. */
const WAITING_MB = 128;
/** What functions have that ask for nothing else. */
const EPHEMERAL_STORAGE_MB = 512;
/** Runtimes times the memory sizes in use; one more is not worth the memory of what others had. */
const KINDS_MAX = 32;
/** Long enough for bursts to come again, short enough that a burst's memory is soon free. */
const PERIOD_MS = 300_000;
const KIND_KEPT_MS = 3_600_000;
/** Programs that a start runs on the host would be in the way of the function that took the last one. */
const FILL_PAUSE_MS = 100;
/** A runtime that cannot be started ahead is not tried with every start. */
const PAUSE_MS = 30_000;
