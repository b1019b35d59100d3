import { type EnvironmentKey, type EnvironmentKeyText, environmentKeyText } from '@lambent/contracts';
import type { Clock, Timer } from '@lambent/core';

/** Tells all routers what changed: at once after a quiet moment, and then what changed within the next one joined. */
export class VacancyBoard implements Disposable {
  readonly #clock: Clock;
  readonly #publish: (keys: readonly EnvironmentKey[]) => void;
  /** Bounded by the keys of the environments here. */
  readonly #changed = new Map<EnvironmentKeyText, EnvironmentKey>();
  /** Runs for a moment after routers were told. */
  #timer: Timer | undefined;

  constructor(options: { clock: Clock; publish: (keys: readonly EnvironmentKey[]) => void }) {
    this.#clock = options.clock;
    this.#publish = options.publish;
  }

  /** An idle environment of this key came or went. */
  changed(key: EnvironmentKey): void {
    this.#changed.set(environmentKeyText(key), key);
    if (this.#timer) return;
    this.#timer = this.#clock.setTimer(JOIN_MS, () => this.#settle());
    // Once whoever changes something has changed all of it.
    queueMicrotask(() => this.#tell());
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }

  #settle(): void {
    this.#timer = undefined;
    if (this.#changed.size === 0) return;
    this.#timer = this.#clock.setTimer(JOIN_MS, () => this.#settle());
    this.#tell();
  }

  #tell(): void {
    const keys = [...this.#changed.values()];
    this.#changed.clear();
    this.#publish(keys);
  }
}

/** Short beside a cold start, long beside a burst of environments that come up together. */
const JOIN_MS = 10;
