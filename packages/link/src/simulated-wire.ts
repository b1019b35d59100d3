import type { Clock, Random, Timer } from '@lambent/core';
import type { Wire } from './wire.ts';

interface Direction {
  /** When the latest delivery is due: later ones are not due before it. */
  lastDueMs: number;
  /** Under way, oldest first. A timer delivers the head, so that two timers that swap swap no messages. */
  readonly travelling: (() => void)[];
  cut: boolean;
  /** Handed over while cut, oldest first: a wire loses nothing, it is late. */
  readonly held: (() => void)[];
}

/** A wire with distance, jitter and cuts, each direction by itself, on simulated time. */
export class SimulatedWire implements Wire {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #delayMs: { readonly least: number; readonly most: number };
  readonly #directions = new Map<string, Direction>();

  constructor(options: { clock: Clock; random: Random; delayMs: { least: number; most: number } }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#delayMs = options.delayMs;
  }

  carry(from: string, to: string, deliver: () => void): void {
    const direction = this.#direction(from, to);
    if (direction.cut) direction.held.push(deliver);
    else this.#schedule(direction, deliver);
  }

  expire(timeoutMs: number, late: () => void): Timer {
    return this.#clock.setTimer(timeoutMs, late);
  }

  /** Cuts one direction; what is under way still arrives. */
  cut(from: string, to: string): void {
    this.#direction(from, to).cut = true;
  }

  mend(from: string, to: string): void {
    const direction = this.#direction(from, to);
    direction.cut = false;
    for (const deliver of direction.held.splice(0)) this.#schedule(direction, deliver);
  }

  #schedule(direction: Direction, deliver: () => void): void {
    const { least, most } = this.#delayMs;
    const nowMs = this.#clock.monotonicMs();
    const dueMs = nowMs + least + this.#random.fraction() * (most - least);
    direction.lastDueMs = Math.max(dueMs, direction.lastDueMs);
    direction.travelling.push(deliver);
    this.#clock.setTimer(direction.lastDueMs - nowMs, () => direction.travelling.shift()?.());
  }

  #direction(from: string, to: string): Direction {
    const name = `${from} ${to}`;
    const known = this.#directions.get(name);
    if (known) return known;
    const direction = { lastDueMs: 0, travelling: [], cut: false, held: [] };
    this.#directions.set(name, direction);
    return direction;
  }
}
