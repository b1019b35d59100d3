import { changeDivision, type Division } from '@lambent/membership';
import type { World } from './world.ts';

const AGAIN_MS = 200;

/** Who divides the account's concurrency, as gateways do it: until what is wanted now is written. */
export class SimulatedOwner {
  readonly #world: World;
  readonly #ground: ReturnType<World['begin']>;
  /** By function; undefined: no reservation. */
  readonly #reservations = new Map<string, number | undefined>();
  #concurrency: number;
  #writing = false;
  #outdated = false;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#ground = world.begin(name);
    this.#concurrency = world.slots;
  }

  resize(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#write();
  }

  /** Undefined: nothing any more. */
  reserve(functionId: string, slots: number | undefined): void {
    this.#reservations.set(functionId, slots);
    this.#write();
  }

  #write(): void {
    if (this.#writing) {
      this.#outdated = true;
      return;
    }
    this.#writing = true;
    this.#outdated = false;
    const { process, registry } = this.#ground;
    changeDivision(this.#world.soundOrNot(registry), division => ({ division: this.#decide(division) }))
      .catch(() => {
        this.#outdated = true;
      })
      .finally(() => {
        this.#writing = false;
        if (this.#outdated) process.setTimer(AGAIN_MS * this.#world.random.fraction(), () => this.#write());
      });
  }

  /** Reservations that leave nothing to the others are cut short. */
  #decide(before: Division): Division {
    let division = before;
    for (const functionId of this.#reservations.keys()) division = division.unreserve(functionId);
    division = division.resize(this.#concurrency);
    for (const [functionId, slots] of this.#reservations)
      if (slots !== undefined) division = division.reserve(functionId, Math.min(slots, division.unreserved));
    return division;
  }
}
