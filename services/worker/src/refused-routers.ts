import type { EnvironmentKeyText } from '@lambent/contracts';

/** Who was refused, and until when they still wait. */
export interface Refusal {
  readonly routerId: string;
  /** Somebody waits for the answer, so it goes before asynchronous work. */
  readonly sync: boolean;
  readonly untilMs: number;
}

/**
 * Whom this worker refused for want of an idle environment: synchronous callers first, longest first. Pure: it is
 * told the time. What finds no room here is forgotten; the router's own needs and the vacancies serve it.
 */
export class RefusedRouters {
  readonly #byKey = new Map<EnvironmentKeyText, Waiting>();

  remember(key: EnvironmentKeyText, refusal: Refusal): void {
    let waiting = this.#byKey.get(key);
    if (!waiting) {
      const [oldest] = this.#byKey.keys();
      if (this.#byKey.size >= KEYS_MAX && oldest !== undefined) this.#byKey.delete(oldest);
      waiting = { sync: [], async: [] };
      this.#byKey.set(key, waiting);
    }
    const queue = refusal.sync ? waiting.sync : waiting.async;
    if (queue.length < REFUSALS_PER_KIND_MAX) queue.push(refusal);
  }

  /** The router to offer an environment of this key to; it is not remembered for that one any more. */
  next(key: EnvironmentKeyText, nowMs: number): string | undefined {
    const waiting = this.#byKey.get(key);
    if (!waiting) return undefined;
    for (const queue of [waiting.sync, waiting.async]) {
      for (let refusal = queue.shift(); refusal; refusal = queue.shift()) {
        if (refusal.untilMs > nowMs) return refusal.routerId;
      }
    }
    this.#byKey.delete(key);
    return undefined;
  }

  /** One invocation of this router was served without an offer: it waits for one less. */
  served(key: EnvironmentKeyText, routerId: string): void {
    const waiting = this.#byKey.get(key);
    if (!waiting) return;
    for (const queue of [waiting.sync, waiting.async]) {
      const index = queue.findIndex(refusal => refusal.routerId === routerId);
      if (index === -1) continue;
      queue.splice(index, 1);
      break;
    }
    this.#dropEmpty(key, waiting);
  }

  /** It did not take an offer, so nothing of it waits for this key any more. */
  forget(key: EnvironmentKeyText, routerId: string): void {
    const waiting = this.#byKey.get(key);
    if (!waiting) return;
    waiting.sync = waiting.sync.filter(refusal => refusal.routerId !== routerId);
    waiting.async = waiting.async.filter(refusal => refusal.routerId !== routerId);
    this.#dropEmpty(key, waiting);
  }

  #dropEmpty(key: EnvironmentKeyText, waiting: Waiting): void {
    if (waiting.sync.length + waiting.async.length === 0) this.#byKey.delete(key);
  }
}

interface Waiting {
  sync: Refusal[];
  async: Refusal[];
}

/** 32 routers in a cell, a few refusals each. */
const REFUSALS_PER_KIND_MAX = 128;
const KEYS_MAX = 1_024;
