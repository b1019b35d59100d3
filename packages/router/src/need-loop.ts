import { create } from '@bufbuild/protobuf';
import {
  type EnvironmentKeyText,
  type EnvironmentSpec,
  type NeedRequest,
  NeedRequestSchema,
  type NeedResponse,
  NeedVerdict,
} from '@lambent/contracts';
import type { Clock, Timer } from '@lambent/core';
import type { Link } from '@lambent/link';
import type { Placements } from './placements.ts';

/** What somebody waits for: absolute numbers, so that repeating them is harmless. */
export interface Need {
  readonly spec: EnvironmentSpec;
  /** What its invocations count against. */
  readonly limitId: string;
  readonly waiting: number;
  /** For how long the one that waited longest has. */
  readonly waitedMs: number;
  /** W3C trace context of that one; empty when it is not traced. */
  readonly traceparent: string;
}

/**
 * Tells placement what is waited for, at once and every 250 ms while it is, so that a dead placement, a lost start
 * or a lost wake-up heals by itself. One question per key is under way at a time; whoever comes while it is, is told
 * of by the next, right behind it.
 */
export class NeedLoop implements Disposable {
  readonly #options: NeedLoopOptions;
  readonly #timers = new Map<EnvironmentKeyText, Timer>();
  readonly #asking = new Set<EnvironmentKeyText>();
  readonly #outdated = new Set<EnvironmentKeyText>();
  #closed = false;

  constructor(options: NeedLoopOptions) {
    this.#options = options;
  }

  /** Somebody waits for this key; call as often as it happens. */
  waits(key: EnvironmentKeyText): void {
    if (this.#asking.has(key)) this.#outdated.add(key);
    else this.#ask(key);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #ask(key: EnvironmentKeyText): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    const need = this.#closed ? undefined : this.#options.needOf(key);
    if (!need) return;
    const { clock, routerId } = this.#options;
    this.#timers.set(
      key,
      clock.setTimer(NEED_REPEAT_MS, () => this.waits(key)),
    );
    this.#asking.add(key);
    const request = create(NeedRequestSchema, { ...need, routerId });
    void this.#askReplicas(request).then(response => this.#answered(key, response));
  }

  /**
   * The replica responsible, and at once the next when that one is silent or hears too few workers. Where all do, the
   * one that hears most is to advise all the same. Undefined: nobody answered.
   */
  async #askReplicas(request: NeedRequest): Promise<NeedResponse | undefined> {
    let best: { readonly address: string; readonly heard: number } | undefined;
    for (const address of this.#options.placements.inOrder(request.limitId).slice(0, REPLICAS_ASKED_MAX)) {
      const response = await this.#askReplica(address, request);
      if (response && response.verdict !== NeedVerdict.BLIND) return response;
      if (response && response.heard > (best?.heard ?? -1)) best = { address, heard: response.heard };
    }
    return (
      best && this.#askReplica(best.address, create(NeedRequestSchema, { ...request, regardless: true }))
    );
  }

  async #askReplica(address: string, request: NeedRequest): Promise<NeedResponse | undefined> {
    const { link, placements } = this.#options;
    try {
      const response = await link.need(address, request, { timeoutMs: NEED_TIMEOUT_MS });
      if (response.verdict === NeedVerdict.BLIND) placements.failed(address);
      else placements.answered(address);
      return response;
    } catch {
      // Whatever its trouble: another one can say the same, and who waits has a bound of its own.
      placements.failed(address);
      return undefined;
    }
  }

  #answered(key: EnvironmentKeyText, response: NeedResponse | undefined): void {
    this.#asking.delete(key);
    if (this.#closed) return;
    this.#options.answered(key, response);
    if (this.#outdated.delete(key) && !this.#asking.has(key)) this.#ask(key);
  }
}

export interface NeedLoopOptions {
  readonly link: Link;
  readonly placements: Placements;
  readonly routerId: string;
  readonly clock: Clock;
  /** What is waited for now; undefined when nobody waits any more. */
  readonly needOf: (key: EnvironmentKeyText) => Need | undefined;
  /** Undefined: placement did not answer. */
  readonly answered: (key: EnvironmentKeyText, response: NeedResponse | undefined) => void;
}

const NEED_REPEAT_MS = 250;
/** Many times what an answer takes, so that a replica that is frozen costs well under a second. */
const NEED_TIMEOUT_MS = 400;
/** Past the third the next repeat is due anyway. */
const REPLICAS_ASKED_MAX = 3;
