import { type Result, RUN_REMEMBERED_MS } from '@lambent/contracts';
import type { Clock } from '@lambent/core';

/** What is known here of an invocation. `lost`: it may have run, but its result is no longer kept. */
export type Standing =
  | { readonly kind: 'never-seen' | 'lost' | 'running' }
  | { readonly kind: 'done'; readonly result: Result };

/**
 * What runs and what has run lately, so that a router whose stream broke can ask, and nothing starts twice.
 *
 * Results are kept `RUN_REMEMBERED_MS` within a bound of bytes. If that makes it forget sooner, then for that long it never
 * again claims not to have seen something.
 */
export class InvocationLedger {
  readonly #clock: Clock;
  readonly #bytesMax: number;
  readonly #running = new Map<string, Running>();
  /** In order of completion. */
  readonly #done = new Map<string, Done>();
  #bytes = 0;
  #forgetfulUntilMs = 0;

  constructor(options: { clock: Clock; keptResultBytes: number }) {
    this.#clock = options.clock;
    this.#bytesMax = options.keptResultBytes;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Of that attempt: an earlier one of the same event is another run. */
  standing(requestId: string, attempt = 1): Standing {
    if (this.#running.get(requestId)?.attempt === attempt) return { kind: 'running' };
    this.#forgetOld();
    const done = this.#done.get(requestId);
    if (done?.attempt === attempt) return { kind: 'done', result: done.result };
    return { kind: this.#clock.monotonicMs() < this.#forgetfulUntilMs ? 'lost' : 'never-seen' };
  }

  started(requestId: string, { routerId, attempt }: { routerId: string; attempt: number }): void {
    this.#running.set(requestId, { askers: new Set([routerId]), attempt });
  }

  /** Another router asks for what runs already, as when the one before died: it is answered too. */
  asked(requestId: string, routerId: string): void {
    const askers = this.#running.get(requestId)?.askers;
    if (!askers) return;
    const [first] = askers;
    if (askers.size >= ASKERS_MAX && first !== undefined) askers.delete(first);
    askers.add(routerId);
  }

  /** It did not start after all. Gives back who asked. */
  withdrawn(requestId: string): Iterable<string> {
    const running = this.#running.get(requestId);
    this.#running.delete(requestId);
    return running?.askers ?? [];
  }

  /** Keeps the result. Gives back who asked. */
  completed(requestId: string, result: Result): Iterable<string> {
    const running = this.#running.get(requestId);
    if (!running) return [];
    this.#running.delete(requestId);
    this.#forget(requestId);
    const bytes = result.payload.length + result.logTail.length + ENTRY_BYTES;
    const untilMs = this.#clock.monotonicMs() + RUN_REMEMBERED_MS;
    this.#done.set(requestId, { result, attempt: running.attempt, bytes, untilMs });
    this.#bytes += bytes;
    this.#forgetOld();
    return running.askers;
  }

  #forgetOld(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [requestId, { untilMs }] of this.#done) {
      const over = this.#bytes > this.#bytesMax;
      if (untilMs > nowMs && !over) return;
      if (untilMs > nowMs) this.#forgetfulUntilMs = nowMs + RUN_REMEMBERED_MS;
      this.#forget(requestId);
    }
  }

  #forget(requestId: string): void {
    this.#bytes -= this.#done.get(requestId)?.bytes ?? 0;
    this.#done.delete(requestId);
  }
}

interface Running {
  /** Routers, those that asked last. */
  readonly askers: Set<string>;
  readonly attempt: number;
}

interface Done {
  readonly result: Result;
  readonly attempt: number;
  readonly bytes: number;
  readonly untilMs: number;
}

/** Of an event each replica may ask in turn; more than a few do not die within one run. */
const ASKERS_MAX = 4;
/** What an entry costs besides its bytes, so that the bound counts small results too. */
const ENTRY_BYTES = 512;
