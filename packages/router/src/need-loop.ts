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
  /** W3C trace context of the invocation that waits longest; empty when it is not traced. */
  readonly traceparent: string;
}

/**
 * Tells placement what is waited for, at once and every 250 ms while it is, so that a dead placement, a lost start
 * or a lost wake-up heals by itself. One call per key is under way at a time; whoever comes while it is, is told of
 * by the next, right behind it.
 */
export class NeedLoop implements Disposable {
  readonly #options: NeedLoopOptions;
  readonly #timers = new Map<EnvironmentKeyText, Timer>();
  readonly #asking = new Set<EnvironmentKeyText>();
  readonly #outdated = new Set<EnvironmentKeyText>();

  constructor(options: NeedLoopOptions) {
    this.#options = options;
  }

  /** Somebody waits for this key; call as often as it happens. */
  waits(key: EnvironmentKeyText): void {
    if (this.#asking.has(key)) this.#outdated.add(key);
    else this.#ask(key);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #ask(key: EnvironmentKeyText): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    const need = this.#options.needOf(key);
    if (!need) return;
    const { link, clock, placementAddress, routerId } = this.#options;
    this.#timers.set(
      key,
      clock.setTimer(NEED_REPEAT_MS, () => this.waits(key)),
    );
    this.#asking.add(key);
    void link
      .need(placementAddress, create(NeedRequestSchema, { ...need, routerId }), {
        timeoutMs: NEED_TIMEOUT_MS,
      })
      // A placement that does not answer is asked again; who waits has a bound of its own.
      .catch(() => undefined)
      .then(response => this.#answered(key, response));
  }

  #answered(key: EnvironmentKeyText, response: NeedResponse | undefined): void {
    this.#asking.delete(key);
    this.#options.answered(key, response);
    if (this.#outdated.delete(key) && !this.#asking.has(key)) this.#ask(key);
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
