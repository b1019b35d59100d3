import type { EnvironmentKeyText } from '@lambent/contracts';
import { type Clock, fail, type Timer } from '@lambent/core';
import type { Flight } from './flight.ts';

/**
 * Invocations that nobody could take yet, by key, first come first served.
 * Bounded in number and in time: who finds it full or waits too long is told so.
 */
export class WaitingRoom {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #waitMs: number;
  readonly #byKey = new Map<EnvironmentKeyText, Map<Flight, Seat>>();
  #size = 0;

  constructor(options: { clock: Clock; max: number; waitMs: number }) {
    this.#clock = options.clock;
    this.#max = options.max;
    this.#waitMs = options.waitMs;
  }

  get size(): number {
    return this.#size;
  }

  /** How many wait for this key. */
  count(key: EnvironmentKeyText): number {
    return this.#byKey.get(key)?.size ?? 0;
  }

  /** The keys that somebody waits for. */
  keys(): EnvironmentKeyText[] {
    return [...this.#byKey.keys()];
  }

  /** For how long the first of a key has had its seat. */
  waitedMs(key: EnvironmentKeyText): number {
    const first = this.#byKey.get(key)?.values().next().value;
    return first ? Math.floor(this.#clock.monotonicMs() - first.sinceMs) : 0;
  }

  /** Takes a seat. `expired` says why nobody came when its time is up. */
  enter(flight: Flight, expired: () => void): void {
    if (this.#size >= this.#max) {
      flight.crash(fail('queue-full', { queue: 'router', max: this.#max }));
      return;
    }
    const { signal } = flight.invocation;
    if (signal?.aborted) {
      flight.crash(fail('no-capacity'));
      return;
    }
    const leave = () => {
      if (this.#leave(flight)) flight.crash(fail('no-capacity'));
    };
    const timer = this.#clock.setTimer(this.#waitMs, () => {
      if (this.#leave(flight)) expired();
    });
    signal?.addEventListener('abort', leave, { once: true });
    const sinceMs = this.#clock.monotonicMs();
    const seat = { sinceMs, timer, release: () => signal?.removeEventListener('abort', leave) };
    const seats = this.#byKey.get(flight.key);
    if (seats) seats.set(flight, seat);
    else this.#byKey.set(flight.key, new Map([[flight, seat]]));
    this.#size++;
  }

  /** The one who waited longest, taken from its seat. */
  next(key: EnvironmentKeyText): Flight | undefined {
    const flight = this.#byKey.get(key)?.keys().next().value;
    if (flight) this.#leave(flight);
    return flight;
  }

  /** The `count` who came last, taken from their seats. */
  takeNewest(key: EnvironmentKeyText, count: number): Flight[] {
    const flights = [...(this.#byKey.get(key)?.keys() ?? [])];
    const newest = flights.slice(Math.max(0, flights.length - count));
    for (const flight of newest) this.#leave(flight);
    return newest;
  }

  /** Everybody, taken from their seats. */
  takeAll(): Flight[] {
    const flights = [...this.#byKey.values()].flatMap(seats => [...seats.keys()]);
    for (const flight of flights) this.#leave(flight);
    return flights;
  }

  /** Somebody who waits for this key, left in the seat. */
  peek(key: EnvironmentKeyText): Flight | undefined {
    return this.#byKey.get(key)?.keys().next().value;
  }

  #leave(flight: Flight): boolean {
    const seats = this.#byKey.get(flight.key);
    const seat = seats?.get(flight);
    if (!seats || !seat) return false;
    seats.delete(flight);
    if (seats.size === 0) this.#byKey.delete(flight.key);
    seat.timer.cancel();
    seat.release();
    this.#size--;
    return true;
  }
}

interface Seat {
  readonly sinceMs: number;
  readonly timer: Timer;
  readonly release: () => void;
}
