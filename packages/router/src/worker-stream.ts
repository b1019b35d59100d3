import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type ConnectRequest, ConnectRequestSchema, type ConnectResponse } from '@lambent/contracts';
import { type Clock, isFailure, type Random, type Timer } from '@lambent/core';
import type { Link, Stream } from '@lambent/link';

export type ToWorker = NonNullable<MessageInitShape<typeof ConnectRequestSchema>['message']>;

export interface WorkerStreamEvents {
  /** A stream is there, for the first time or again; nothing was said on it. */
  opened(): void;
  message(message: ConnectResponse): void;
  /** It had fallen silent, and is heard again. */
  recovered(): void;
  /** The stream is gone; the next one is on its way. */
  broken(): void;
  /** Nobody listens at the address: whoever did has ended. The next try is on its way. */
  absent(): void;
}

export interface WorkerStreamOptions {
  readonly address: string;
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: WorkerStreamEvents;
}

/**
 * One long-lived stream to a worker, opened again whenever it breaks. Nothing is heard of any stream but the present.
 *
 * - waiting: the next try comes (0.1, 0.2 … 1 s, jittered) → opening, closed
 * - opening: a try is under way. One that takes too long is given up, and closed should it open after all → open,
 *   waiting, closed
 * - open: heartbeats both ways; not healthy while two are missing, given up after five → waiting, opening, closed
 * - closed: disposed of, for good
 */
export class WorkerStream implements Disposable {
  readonly #options: WorkerStreamOptions;
  #address: string;
  #state: State = { kind: 'waiting' };
  #failures = 0;
  /** The next try, the end of this one, or the next heartbeat. */
  #timer: Timer | undefined;

  constructor(options: WorkerStreamOptions) {
    this.#options = options;
    this.#address = options.address;
    this.#open();
  }

  get open(): boolean {
    return this.#state.kind === 'open';
  }

  /** Open, and heard of lately. */
  get healthy(): boolean {
    return this.#state.kind === 'open' && this.#silentMs(this.#state) < SUSPECT_AFTER_MS;
  }

  /** Lost when no stream is open. */
  send(message: ToWorker): void {
    if (this.#state.kind === 'open') this.#state.stream.send(create(ConnectRequestSchema, { message }));
  }

  /** Leaves the present stream, if any, for one to that address. */
  reopen(address: string): void {
    if (this.#state.kind === 'closed') return;
    this.#address = address;
    this.#failures = 0;
    this.#leave(() => this.#open());
  }

  /** Somebody else answers there: the next try comes after the longest pause. */
  misled(): void {
    this.#failures = FAILURES_COUNTED;
    this.#leave(() => this.#wait());
  }

  [Symbol.dispose](): void {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#timer?.cancel();
    if (state.kind === 'open') state.stream.close();
  }

  #open(): void {
    const { link, clock } = this.#options;
    const attempt: Attempt = {};
    this.#state = { kind: 'opening', attempt };
    this.#setTimer(OPEN_MS_MAX, () => this.#lost(attempt));
    const opening = link.openWorker(this.#address, {
      message: message => this.#heard(attempt, message),
      closed: () => this.#lost(attempt),
    });
    opening.then(
      stream => {
        if (!this.#isPresent(attempt)) return stream.close();
        this.#state = { kind: 'open', attempt, stream, heardMs: clock.monotonicMs() };
        this.#setTimer(HEARTBEAT_MS, () => this.#beat());
        this.#options.events.opened();
      },
      error => this.#failed(attempt, error),
    );
  }

  #heard(attempt: Attempt, message: ConnectResponse): void {
    const state = this.#state;
    if (state.kind !== 'open' || state.attempt !== attempt) return;
    const suspect = this.#silentMs(state) >= SUSPECT_AFTER_MS;
    state.heardMs = this.#options.clock.monotonicMs();
    this.#failures = 0;
    this.#options.events.message(message);
    if (suspect && this.#isPresent(attempt)) this.#options.events.recovered();
  }

  #failed(attempt: Attempt, error: unknown): void {
    if (!this.#isPresent(attempt)) return;
    this.#wait();
    // All else may be a way that is cut, with the worker at its end as it was.
    if (isFailure(error, 'peer-absent')) this.#options.events.absent();
  }

  #lost(attempt: Attempt): void {
    if (this.#isPresent(attempt)) this.#leave(() => this.#wait());
  }

  #beat(): void {
    const state = this.#state;
    if (state.kind !== 'open') return;
    if (this.#silentMs(state) >= BROKEN_AFTER_MS) return this.#lost(state.attempt);
    this.send({ case: 'heartbeat', value: {} });
    this.#setTimer(HEARTBEAT_MS, () => this.#beat());
  }

  /** The owner hears of the break after what follows it has begun: it may dispose of this one. */
  #leave(next: () => void): void {
    const state = this.#state;
    next();
    if (state.kind !== 'open') return;
    state.stream.close();
    this.#options.events.broken();
  }

  #wait(): void {
    const { random } = this.#options;
    this.#state = { kind: 'waiting' };
    const delayMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** this.#failures) * (0.5 + random.fraction() / 2);
    this.#failures = Math.min(FAILURES_COUNTED, this.#failures + 1);
    this.#setTimer(delayMs, () => this.#open());
  }

  #isPresent(attempt: Attempt): boolean {
    return 'attempt' in this.#state && this.#state.attempt === attempt;
  }

  #silentMs({ heardMs }: { readonly heardMs: number }): number {
    return this.#options.clock.monotonicMs() - heardMs;
  }

  #setTimer(delayMs: number, fire: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(delayMs, fire);
  }
}

/** One try to open a stream, and what came of it. */
type Attempt = object;

type State =
  | { readonly kind: 'waiting' | 'closed' }
  | { readonly kind: 'opening'; readonly attempt: Attempt }
  | {
      readonly kind: 'open';
      readonly attempt: Attempt;
      readonly stream: Stream<ConnectRequest>;
      heardMs: number;
    };

/** Both sides beat this often. */
const HEARTBEAT_MS = 1_000;
/** Two missed beats: no new invocations there. */
const SUSPECT_AFTER_MS = 2 * HEARTBEAT_MS + HEARTBEAT_MS / 2;
/** Five missed beats: the stream counts as broken. */
const BROKEN_AFTER_MS = 5 * HEARTBEAT_MS;
/** A handshake takes milliseconds, and a second where everything starts at once. */
const OPEN_MS_MAX = 3_000;
const RETRY_MS = 100;
const RETRY_MS_MAX = 1_000;
/** From here on the pause is the longest. */
const FAILURES_COUNTED = 4;
