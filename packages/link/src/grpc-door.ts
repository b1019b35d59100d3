import { Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Clock } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { STREAMS_MAX } from './grpc-options.ts';
import type { GrpcServer } from './grpc-server.ts';
import { type Detour, GrpcStream } from './grpc-stream.ts';
import type { Accept } from './link.ts';

export interface GrpcDoorOptions<Receive, Send> {
  readonly server: GrpcServer;
  readonly accept: Accept<Receive, Send>;
  readonly encode: (message: Send) => Buffer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where streams of one kind come in: accepts them, and closes those it has. */
export class GrpcDoor<Receive, Send> implements AsyncDisposable {
  readonly #options: GrpcDoorOptions<Receive, Send>;
  readonly #open = new Map<GrpcStream<Send, Receive>, PromiseWithResolvers<void>>();
  #closing = false;

  constructor(options: GrpcDoorOptions<Receive, Send>) {
    this.#options = options;
  }

  /** Undefined when it was refused. `over` is called when it has ended. */
  admit(
    call: ServerDuplexStream<Receive, Buffer>,
    beside: { detour?: Detour<Receive>; over?: () => void } = {},
  ): GrpcStream<Send, Receive> | undefined {
    const { server, accept, encode, clock, logger } = this.#options;
    if (!server.admits(call))
      return this.#refuse(call, status.PERMISSION_DENIED, 'only members may open streams');
    if (this.#closing) return this.#refuse(call, status.UNAVAILABLE, 'this member is ending');
    if (this.#open.size === STREAMS_MAX)
      return this.#refuse(call, status.RESOURCE_EXHAUSTED, `${STREAMS_MAX} streams are open`);
    const peer = call.getPeer();
    const ended = Promise.withResolvers<void>();
    const stream = new GrpcStream<Send, Receive>({
      call,
      encode,
      clock,
      ...(beside.detour && { detour: beside.detour }),
      hangUp: () => server.hangUp(peer),
      over: () => {
        this.#open.delete(stream);
        beside.over?.();
        logger.debug({ peer, cause: stream.closedBecause }, 'stream over');
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

  #refuse(call: ServerDuplexStream<Receive, Buffer>, code: status, details: string): undefined {
    this.#options.logger.warn({ peer: call.getPeer(), details }, 'stream refused');
    call.emit('error', { code, details });
  }
}
