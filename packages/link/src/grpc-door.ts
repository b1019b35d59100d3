import type { EventEmitter } from 'node:events';
import { Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Clock } from '@lambent/core';
import { STREAMS_MAX } from './grpc-options.ts';
import { type Detour, GrpcStream } from './grpc-stream.ts';
import type { Accept } from './link.ts';

/** Where streams of one kind come in: accepts them, and closes those it has. */
export class GrpcDoor<Receive, Send> implements AsyncDisposable {
  readonly #options: {
    readonly accept: Accept<Receive, Send>;
    readonly encode: (message: Send) => Buffer;
    readonly clock: Clock;
    /** Ends the connection of that peer. */
    readonly hangUp: (peer: string) => void;
  };
  readonly #open = new Map<GrpcStream<Send, Receive>, PromiseWithResolvers<void>>();
  #closing = false;

  constructor(options: {
    accept: Accept<Receive, Send>;
    encode: (message: Send) => Buffer;
    clock: Clock;
    hangUp: (peer: string) => void;
  }) {
    this.#options = options;
  }

  /** Undefined when it was refused. `over` is called when it has ended. */
  admit(
    call: ServerDuplexStream<Receive, Buffer>,
    beside: { detour?: Detour<Receive>; over?: () => void } = {},
  ): GrpcStream<Send, Receive> | undefined {
    if (this.#closing) return refuse(call, status.UNAVAILABLE, 'this member is ending');
    if (this.#open.size === STREAMS_MAX)
      return refuse(call, status.RESOURCE_EXHAUSTED, `${STREAMS_MAX} streams are open`);
    const { accept, encode, clock, hangUp } = this.#options;
    const peer = call.getPeer();
    const ended = Promise.withResolvers<void>();
    const stream = new GrpcStream<Send, Receive>({
      call,
      encode,
      clock,
      ...(beside.detour && { detour: beside.detour }),
      hangUp: () => hangUp(peer),
      over: () => {
        this.#open.delete(stream);
        beside.over?.();
        ended.resolve();
      },
    });
    this.#open.set(stream, ended);
    // Tells the other side that its stream is open.
    call.sendMetadata(new Metadata());
    stream.hear(accept(stream));
    return stream;
  }

  /** Closes all streams, and waits until what was sent before has arrived. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    const ends = [...this.#open.values()].map(({ promise }) => promise);
    for (const stream of [...this.#open.keys()]) stream.close();
    await Promise.all(ends);
  }
}

/** The way of grpc-js to answer a stream with a failure. */
function refuse(call: EventEmitter, code: status, details: string): undefined {
  call.emit('error', { code, details });
}
