import type { EnvironmentKeyText } from '@lambent/contracts';
import { type Clock, fail, type Timer } from '@lambent/core';
import type { Flight, Ticket } from './flight.ts';

/**
 * Invocations that nobody could take yet, by key, first come first served; who was called, refused and comes back has
 * the place and the time of the first coming. Bounded in number and in time: who finds it full or waits too long is
 * told so. Who comes back is let in though it is full: at most as many as were called.
 */
export class WaitingRoom {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #waitMs: number;
  /** Seats by number, the lowest first. */
  readonly #byKey = new Map<EnvironmentKeyText, Seat[]>();
  #size = 0;
  #tickets = 0;

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
    return this.#byKey.get(key)?.length ?? 0;
  }

  /** The keys that somebody waits for. */
  keys(): EnvironmentKeyText[] {
    return [...this.#byKey.keys()];
  }

  /** For how long the first of a key has waited, calls in vain included. */
  waitedMs(key: EnvironmentKeyText): number {
    const first = this.#byKey.get(key)?.[0];
    return first ? Math.floor(this.#clock.monotonicMs() - first.ticket.sinceMs) : 0;
  }

  /** Takes a seat. `expired` says why nobody came when its time is up. */
  enter(flight: Flight, expired: () => void): void {
    if (!flight.ticket && this.#size >= this.#max) {
      flight.crash(fail('queue-full', { queue: 'router', max: this.#max }));
      return;
    }
    const { signal } = flight.invocation;
    if (signal?.aborted) {
      flight.crash(fail('no-capacity'));
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    flight.ticket ??= { number: this.#tickets++, sinceMs: nowMs };
    const { ticket } = flight;
    const leftMs = ticket.sinceMs + this.#waitMs - nowMs;
    if (leftMs <= 0) return expired();
    const leave = () => {
      if (this.#leave(flight)) flight.crash(fail('no-capacity'));
    };
    const timer = this.#clock.setTimer(leftMs, () => {
      if (this.#leave(flight)) expired();
    });
    signal?.addEventListener('abort', leave, { once: true });
    this.#seat({ flight, ticket, timer, release: () => signal?.removeEventListener('abort', leave) });
  }

  /** The one who came first, taken from its seat. */
  next(key: EnvironmentKeyText): Flight | undefined {
    const flight = this.peek(key);
    if (flight) this.#leave(flight);
    return flight;
  }

  /** The `count` who came last, taken from their seats. */
  takeNewest(key: EnvironmentKeyText, count: number): Flight[] {
    const seats = this.#byKey.get(key) ?? [];
    const newest = seats.slice(Math.max(0, seats.length - count)).map(seat => seat.flight);
    for (const flight of newest) this.#leave(flight);
    return newest;
  }

  /** Everybody, taken from their seats. */
  takeAll(): Flight[] {
    const flights = [...this.#byKey.values()].flatMap(seats => seats.map(seat => seat.flight));
    for (const flight of flights) this.#leave(flight);
    return flights;
  }

  /** The one who came first, left in the seat. */
  peek(key: EnvironmentKeyText): Flight | undefined {
    return this.#byKey.get(key)?.[0]?.flight;
  }

  #seat(seat: Seat): void {
    const { key } = seat.flight;
    const seats = this.#byKey.get(key);
    if (seats) seats.splice(indexOf(seats, seat.ticket), 0, seat);
    else this.#byKey.set(key, [seat]);
    this.#size++;
  }

  #leave(flight: Flight): boolean {
    const seats = this.#byKey.get(flight.key);
    if (!seats || !flight.ticket) return false;
    const index = indexOf(seats, flight.ticket);
    const seat = seats[index];
    if (seat?.flight !== flight) return false;
    seats.splice(index, 1);
    if (seats.length === 0) this.#byKey.delete(flight.key);
    seat.timer.cancel();
    seat.release();
    this.#size--;
    return true;
  }
}

interface Seat {
  readonly flight: Flight;
  readonly ticket: Ticket;
  readonly timer: Timer;
  readonly release: () => void;
}

/** Where the seat of that ticket is, or would be. */
function indexOf(seats: readonly Seat[], { number }: Ticket): number {
  let [from, to] = [0, seats.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((seats[middle]?.ticket.number ?? 0) < number) from = middle + 1;
    else to = middle;
  }
  return from;
}
