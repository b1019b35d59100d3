import type { EnvironmentKey, EnvironmentKeyText } from '@lambent/contracts';
import type { Clock } from '@lambent/core';
import type { Environment } from './environment.ts';
import type { Awaited } from './grants/limit-slots.ts';

/** How many environments of one key there are, by what they do. */
export interface KeyCount {
  readonly key: EnvironmentKey;
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
  /** Of the idle and busy ones. */
  readonly provisioned: number;
}

/**
 * All environments of this worker, by key. Those parked are idle and free for whoever comes: the provisioned ones are
 * taken first, then the one parked last, so that the others grow old and can go, and those on standby when there is no
 * other. Bounded by the memory that each environment holds.
 */
export class Environments {
  readonly #shelves = new Map<EnvironmentKeyText, Shelf>();
  /** Set while somebody waits for the last to go. */
  #emptied: (() => void) | undefined;

  get size(): number {
    let size = 0;
    for (const shelf of this.#shelves.values()) size += shelf.all.size;
    return size;
  }

  add(environment: Environment): void {
    const shelf = this.#shelves.get(environment.keyText);
    if (shelf) shelf.all.add(environment);
    else
      this.#shelves.set(environment.keyText, {
        key: environment.key,
        all: new Set([environment]),
        parked: [],
        provisioned: [],
        standby: [],
      });
  }

  remove(environment: Environment): void {
    const shelf = this.#shelves.get(environment.keyText);
    if (!shelf?.all.delete(environment)) return;
    this.unpark(environment);
    if (shelf.all.size === 0) this.#shelves.delete(environment.keyText);
    if (this.#shelves.size === 0) this.#emptied?.();
  }

  park(environment: Environment): void {
    this.#parkedBeside(environment).push(environment);
  }

  /** Whether it was parked. */
  unpark(environment: Environment): boolean {
    const parked = this.#parkedBeside(environment);
    const index = parked.indexOf(environment);
    if (index === -1) return false;
    parked.splice(index, 1);
    return true;
  }

  takeParked(key: EnvironmentKeyText): Environment | undefined {
    const shelf = this.#shelves.get(key);
    return shelf?.provisioned.pop() ?? shelf?.parked.pop() ?? shelf?.standby.pop();
  }

  parkedCount(key: EnvironmentKeyText): number {
    const shelf = this.#shelves.get(key);
    return shelf ? parkedOn(shelf) : 0;
  }

  parkedProvisionedCount(key: EnvironmentKeyText): number {
    return this.#shelves.get(key)?.provisioned.length ?? 0;
  }

  /** Keys that have a parked environment. */
  parkedKeys(): readonly EnvironmentKey[] {
    return [...this.#shelves.values()].filter(shelf => parkedOn(shelf) > 0).map(shelf => shelf.key);
  }

  /** On standby and free for whoever comes. */
  parkedStandbys(): readonly Environment[] {
    return [...this.#shelves.values()].flatMap(shelf => shelf.standby);
  }

  /** Whether one of that key, other than `taken`, is on standby or about to be. */
  hasStandby(key: EnvironmentKeyText, taken: Environment): boolean {
    for (const one of this.#shelves.get(key)?.all ?? [])
      if (one !== taken && one.standby && !one.leaving) return true;
    return false;
  }

  /** Those of certain functions that were started for somebody who waits, and have not served yet. */
  awaited(isOf: (functionId: string) => boolean, nowMs: number): Awaited {
    const fresh = this.filter(
      one => one.fresh && !one.provisioned && !one.prewarmed && isOf(one.key.functionId),
    );
    const starting = fresh.filter(one => one.state === 'starting').length;
    const ready = fresh.filter(one => one.state === 'idle' && one.idleSinceMs > nowMs - AWAITED_MS).length;
    return { starting, ready };
  }

  counts(): readonly KeyCount[] {
    return [...this.#shelves.values()].map(({ key, all }) => {
      const count = { starting: 0, idle: 0, busy: 0, ending: 0, ended: 0 };
      let provisioned = 0;
      for (const environment of all) {
        count[environment.state] += 1;
        const lives = environment.state === 'idle' || environment.state === 'busy';
        if (environment.provisioned && lives) provisioned += 1;
      }
      return { key, starting: count.starting, idle: count.idle, busy: count.busy, provisioned };
    });
  }

  /** Idle ones that may go when their time or the memory is up. */
  spare(): readonly Environment[] {
    return this.filter(one => one.state === 'idle' && !one.provisioned);
  }

  filter(matches: (environment: Environment) => boolean): readonly Environment[] {
    return [...this.#shelves.values()].flatMap(shelf => [...shelf.all].filter(matches));
  }

  /** Kills every invocation in flight, at once. */
  endRuns(): void {
    for (const environment of this.filter(one => one.state === 'busy')) void environment.end();
  }

  /** Ends all: the idle at once, the busy when they rest or the time has passed. Gives how many it cut off. */
  async drain(clock: Clock, timeoutMs: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#emptied = resolve;
    for (const environment of this.filter(() => true)) environment.retire();
    if (this.#shelves.size > 0) {
      using _deadline = clock.setTimer(timeoutMs, resolve);
      await promise;
    }
    const late = this.filter(() => true);
    await Promise.all(late.map(environment => environment.end()));
    return late.length;
  }

  #parkedBeside({ keyText, provisioned, standby }: Environment): Environment[] {
    const shelf = this.#shelves.get(keyText);
    return shelf?.[provisioned ? 'provisioned' : standby ? 'standby' : 'parked'] ?? [];
  }
}

function parkedOn({ parked, provisioned, standby }: Shelf): number {
  return parked.length + provisioned.length + standby.length;
}

/** By default a router lets nobody wait longer. */
const AWAITED_MS = 20_000;

interface Shelf {
  readonly key: EnvironmentKey;
  readonly all: Set<Environment>;
  /** Those on demand; the one parked last stands last. */
  readonly parked: Environment[];
  readonly provisioned: Environment[];
  /** The one parked last stands last. */
  readonly standby: Environment[];
}
