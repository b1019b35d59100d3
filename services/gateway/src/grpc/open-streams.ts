import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';
import type { Clock, Timer } from '@lambent/core';
import { ERROR_TYPE } from './to-grpc-status.ts';

interface OpenStream {
  /** Runs until the client has said all it has to say. */
  readonly timer: Timer;
  readonly endsByItself: boolean;
}

export interface OpenStreamsOptions {
  readonly max: number;
  readonly clock: Clock;
  /** Whether the method at this path ends without its client's help. */
  endsByItself(path: string): boolean;
}

/**
 * The streams that clients have opened, from their first header to their end: bounded in number and in the time
 * their request may take, since each may send one message at its leisure; and known, since a client that watches
 * health never ends its own.
 */
export class OpenStreams {
  readonly #options: OpenStreamsOptions;
  readonly #open = new Map<ServerInterceptingCallInterface, OpenStream>();

  constructor(options: OpenStreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    const listener = new ServerListenerBuilder()
      // From here on, and not before, it is certain that its end is told.
      .withOnReceiveMetadata((metadata, next) => {
        if (!this.#enter(call, path)) return refuse(call);
        next(metadata);
      })
      .withOnReceiveHalfClose(next => {
        this.#open.get(call)?.timer.cancel();
        next();
      })
      .withOnCancel(() => {
        this.#open.get(call)?.timer.cancel();
        this.#open.delete(call);
      })
      .build();
    return new ServerInterceptingCall(call, { start: next => next(listener) });
  };

  /** Ends those that do not end by themselves. */
  endWatches(): void {
    for (const [call, { endsByItself }] of this.#open)
      if (!endsByItself)
        call.sendStatus({ code: status.UNAVAILABLE, details: 'The service is shutting down.' });
  }

  #enter(call: ServerInterceptingCallInterface, path: string): boolean {
    const { max, clock, endsByItself } = this.#options;
    if (this.#open.size >= max) return false;
    const timer = clock.setTimer(REQUEST_TIMEOUT_MS, () =>
      call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: 'The request did not arrive in time.' }),
    );
    this.#open.set(call, { timer, endsByItself: endsByItself(path) });
    return true;
  }
}

/** For a whole request to arrive, as the HTTP door gives it. */
const REQUEST_TIMEOUT_MS = 300_000;

function refuse(call: ServerInterceptingCallInterface): void {
  const metadata = new Metadata();
  metadata.set(ERROR_TYPE, 'TooManyRequestsException');
  call.sendStatus({ code: status.RESOURCE_EXHAUSTED, details: 'Rate Exceeded.', metadata });
}
