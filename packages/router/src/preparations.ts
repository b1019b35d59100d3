import type { EnvironmentKeyText, EnvironmentSpec } from '@lambent/contracts';
import type { Clock } from '@lambent/core';

/** What is wanted before anybody waits for it: one environment of each key, until one is there or its time is up. */
export class Preparations {
  readonly #clock: Clock;
  /** In the order in which they began. */
  readonly #byKey = new Map<
    EnvironmentKeyText,
    { readonly spec: EnvironmentSpec; readonly untilMs: number }
  >();

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  begin(key: EnvironmentKeyText, spec: EnvironmentSpec): void {
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size >= KEYS_MAX && oldest !== undefined) this.#byKey.delete(oldest);
    this.#byKey.set(key, { spec, untilMs: this.#clock.monotonicMs() + WANTED_MS });
  }

  end(key: EnvironmentKeyText): void {
    this.#byKey.delete(key);
  }

  /** Undefined: none is wanted. */
  of(key: EnvironmentKeyText): EnvironmentSpec | undefined {
    const wanted = this.#byKey.get(key);
    if (wanted && wanted.untilMs > this.#clock.monotonicMs()) return wanted.spec;
    this.#byKey.delete(key);
    return undefined;
  }
}

/** As long as nobody waits, more are not worth a place: who comes first starts what was forgotten. */
const KEYS_MAX = 1_000;
/** Long enough for room to be made and lost commands to be repeated; what has begun to start needs nobody to ask. */
const WANTED_MS = 30_000;
