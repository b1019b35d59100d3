import assert from 'node:assert/strict';
import type { Clock, Timer } from '@lambent/core';
import { LINGER_MS, MESSAGE_OVERHEAD_BYTES, TRANSFER_MS_MAX } from './grpc-options.ts';
import {
  MESSAGE_BYTES_MAX,
  SHARED_STREAM_BYTES_MAX,
  type Stream,
  type StreamEvents,
  UNSENT_BYTES_MAX,
} from './link.ts';

/** What is said of a stream that nothing is wrong with. */
export const CLOSED_HERE = 'closed by this side';

/** What the two sides of a bidirectional call have in common. */
export interface GrpcCall<Receive> {
  on(event: 'data', heard: (message: Receive) => void): unknown;
  on(event: 'end' | 'close' | 'cancelled', ended: () => void): unknown;
  on(event: 'error', broke: (error: Error) => void): unknown;
  write(bytes: Buffer, written: () => void): unknown;
  end(): void;
}

/** How messages that are too large for a stream travel beside it. */
export interface Detour<Receive> {
  /** Resolves when the other side has all of it. */
  send(bytes: Buffer): Promise<unknown>;
  /** What `message` only announces; undefined when it is a message by itself. */
  collect(message: Receive): Promise<Receive> | undefined;
}

export interface GrpcStreamOptions<Send, Receive> {
  readonly call: GrpcCall<Receive>;
  readonly encode: (message: Send) => Buffer;
  /** Without one every message travels on the stream. */
  readonly detour?: Detour<Receive>;
  readonly clock: Clock;
  /** Ends the call whatever is still under way. */
  readonly hangUp: () => void;
  /** Called once, when the call is over. */
  readonly over: () => void;
}

/**
 * One end of a stream, on either side of the call.
 *
 * States: *open*; then, when this side closes, *speaking out* (its owner is told and hears nothing more; what was
 * sent before still goes out, for `LINGER_MS`), or when the other side does, *hearing out* (what it announced is
 * still collected, then the owner is told); then *over*. A call that breaks is over at once.
 */
export class GrpcStream<Send, Receive> implements Stream<Send> {
  readonly #options: GrpcStreamOptions<Send, Receive>;
  #state: 'open' | 'speaking out' | 'hearing out' | 'over' = 'open';
  #events: StreamEvents<Receive> | undefined;
  #closedBecause: string | undefined;
  #unsentBytes = 0;
  /** What travels apart, and when that will have taken too long. */
  readonly #sending = new Map<Promise<void>, Timer>();
  #collecting = 0;
  #linger: Timer | undefined;

  constructor(options: GrpcStreamOptions<Send, Receive>) {
    this.#options = options;
    const { call } = options;
    call.on('end', () => this.#ended());
    call.on('error', error => this.#over(error.message));
    // A server's call is told so both when it was cut off and when it ended well.
    call.on('cancelled', () => this.#over('the other side has gone'));
    call.on('close', () => this.#over('the call was closed'));
  }

  /** Why it was closed; undefined while it is not. */
  get closedBecause(): string | undefined {
    return this.#closedBecause;
  }

  /** From now on `events` is told. One that closed before is told that at once. */
  hear(events: StreamEvents<Receive>): void {
    this.#events = events;
    if (this.#closedBecause !== undefined) events.closed(this.#closedBecause);
    this.#options.call.on('data', message => this.#receive(message));
  }

  send(message: Send): void {
    if (this.#state !== 'open') return;
    const bytes = this.#options.encode(message);
    assert(
      bytes.length <= MESSAGE_BYTES_MAX,
      `a message of ${bytes.length} bytes was not refused by its sender`,
    );
    const cost = bytes.length + MESSAGE_OVERHEAD_BYTES;
    if (this.#unsentBytes + cost > UNSENT_BYTES_MAX) return this.#choke();
    this.#unsentBytes += cost;
    const sent = () => {
      this.#unsentBytes -= cost;
    };
    const { call, detour } = this.#options;
    if (detour && bytes.length > SHARED_STREAM_BYTES_MAX) this.#sendApart(detour, bytes, sent);
    else call.write(bytes, sent);
  }

  close(): void {
    if (this.#state !== 'open' && this.#state !== 'hearing out') return;
    this.#state = 'speaking out';
    this.#setLinger();
    void Promise.all(this.#sending.keys()).then(() => this.#options.call.end());
    this.#tellClosed(CLOSED_HERE);
  }

  /** A message of the other side that came apart. */
  deliver(message: Receive): void {
    if (this.#state === 'open' || this.#state === 'hearing out') this.#events?.message(message);
  }

  /** Ends it at once, saying why. */
  break(cause: string): void {
    if (this.#state === 'over') return;
    this.#over(cause);
    this.#options.hangUp();
  }

  #sendApart(detour: Detour<Receive>, bytes: Buffer, sent: () => void): void {
    const late = this.#options.clock.setTimer(TRANSFER_MS_MAX, () =>
      this.break(`a message of ${bytes.length} bytes did not arrive within ${TRANSFER_MS_MAX} ms`),
    );
    const settled = detour.send(bytes).then(
      () => {
        late.cancel();
        this.#sending.delete(settled);
        sent();
      },
      error => this.break(`a message of ${bytes.length} bytes did not arrive: ${detailOf(error)}`),
    );
    this.#sending.set(settled, late);
  }

  #receive(message: Receive): void {
    if (this.#state !== 'open') return;
    const collected = this.#options.detour?.collect(message);
    if (!collected) return this.deliver(message);
    this.#collecting++;
    collected.then(
      whole => {
        this.#collecting--;
        this.deliver(whole);
        if (this.#state === 'hearing out') this.#ended();
      },
      error => this.break(`a message did not arrive: ${detailOf(error)}`),
    );
  }

  /** The other side has said all it had to say on the call. */
  #ended(): void {
    if (this.#state === 'over') return;
    if (this.#state === 'open') this.#state = 'hearing out';
    if (this.#state === 'hearing out' && this.#collecting > 0) return;
    this.#setLinger();
    this.#options.call.end();
    this.#state = 'speaking out';
    this.#tellClosed('closed by the other side');
  }

  /** The other side reads too slowly. Its owner is told later: nobody is called back while sending. */
  #choke(): void {
    this.#state = 'speaking out';
    queueMicrotask(() => this.break(`more than ${UNSENT_BYTES_MAX} bytes wait for a side that is too slow`));
  }

  #setLinger(): void {
    this.#linger ??= this.#options.clock.setTimer(LINGER_MS, () => this.break('it did not end in time'));
  }

  #over(cause: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#linger?.cancel();
    for (const late of this.#sending.values()) late.cancel();
    this.#tellClosed(cause);
    this.#options.over();
  }

  #tellClosed(cause: string): void {
    if (this.#closedBecause !== undefined) return;
    this.#closedBecause = cause;
    this.#events?.closed(cause);
  }
}

export function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
