import { create } from '@bufbuild/protobuf';
import {
  type EnvironmentKeyText,
  type EnvironmentSpec,
  NeedRequestSchema,
  type NeedResponse,
} from '@lambent/contracts';
import type { Clock, Timer } from '@lambent/core';
import type { Link } from '@lambent/link';

/** What somebody waits for: absolute numbers, so that repeating them is harmless. */
export interface Need {
  readonly spec: EnvironmentSpec;
  readonly waiting: number;
}

/**
 * Tells placement what is waited for, at once and every 250 ms while it is, so that a dead placement, a lost start
 * or a lost wake-up heals by itself. One call per key is under way at a time.
 */
export class NeedLoop implements Disposable {
  readonly #options: NeedLoopOptions;
  readonly #timers = new Map<EnvironmentKeyText, Timer>();
  readonly #asking = new Set<EnvironmentKeyText>();

  constructor(options: NeedLoopOptions) {
    this.#options = options;
  }

  /** Somebody waits for this key; call as often as it happens. */
  waits(key: EnvironmentKeyText): void {
    if (!this.#timers.has(key)) this.#ask(key);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #ask(key: EnvironmentKeyText): void {
    this.#timers.delete(key);
    const need = this.#options.needOf(key);
    if (!need) return;
    this.#timers.set(
      key,
      this.#options.clock.setTimer(NEED_REPEAT_MS, () => this.#ask(key)),
    );
    if (this.#asking.has(key)) return;
    this.#asking.add(key);
    const request = create(NeedRequestSchema, { ...need, routerId: this.#options.routerId });
    this.#options.link.need(this.#options.placementAddress, request, { timeoutMs: NEED_TIMEOUT_MS }).then(
      response => {
        this.#asking.delete(key);
        this.#options.answered(key, response);
      },
      () => {
        // A placement that does not answer is asked again; who waits has a bound of its own.
        this.#asking.delete(key);
        this.#options.answered(key, undefined);
      },
    );
  }
}

export interface NeedLoopOptions {
  readonly link: Link;
  readonly placementAddress: string;
  readonly routerId: string;
  readonly clock: Clock;
  /** What is waited for now; undefined when nobody waits any more. */
  readonly needOf: (key: EnvironmentKeyText) => Need | undefined;
  /** Undefined: placement did not answer. */
  readonly answered: (key: EnvironmentKeyText, response: NeedResponse | undefined) => void;
}

const NEED_REPEAT_MS = 250;
const NEED_TIMEOUT_MS = 1_000;
