import { type EnvironmentKey, type EnvironmentKeyText, environmentKeyText } from '@lambent/contracts';
import type { Clock, Timer } from '@lambent/core';

/** Joins what changed within a moment into one message to all routers. */
export class VacancyBoard implements Disposable {
  readonly #clock: Clock;
  readonly #publish: (keys: readonly EnvironmentKey[]) => void;
  /** Bounded by the keys of the environments here. */
  readonly #changed = new Map<EnvironmentKeyText, EnvironmentKey>();
  #timer: Timer | undefined;

  constructor(options: { clock: Clock; publish: (keys: readonly EnvironmentKey[]) => void }) {
    this.#clock = options.clock;
    this.#publish = options.publish;
  }

  /** An idle environment of this key came or went. */
  changed(key: EnvironmentKey): void {
    this.#changed.set(environmentKeyText(key), key);
    this.#timer ??= this.#clock.setTimer(JOIN_MS, () => this.#flush());
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }

  #flush(): void {
    this.#timer = undefined;
    const keys = [...this.#changed.values()];
    this.#changed.clear();
    this.#publish(keys);
  }
}

/** Short beside a cold start, long beside a burst of environments that come up together. */
const JOIN_MS = 10;
