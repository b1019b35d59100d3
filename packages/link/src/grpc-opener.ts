import type { EventEmitter } from 'node:events';
import {
  type ChannelCredentials,
  type Client,
  Metadata,
  type MethodDefinition,
  type StatusObject,
} from '@grpc/grpc-js';
import { type Clock, fail, type LambentError, type Random } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { fromGrpcError } from './from-grpc-error.ts';
import { GrpcChannel } from './grpc-channel.ts';
import { OPEN_TIMEOUT_MS, STREAM_METADATA } from './grpc-options.ts';
import { alreadyEncoded } from './grpc-service.ts';
import { CLOSED_HERE, type Detour, GrpcStream } from './grpc-stream.ts';
import type { Stream, StreamEvents } from './link.ts';
import { StreamTroubles } from './stream-troubles.ts';

/** What is opened: a method, how its requests are encoded, and what goes beside it. */
export interface Opening<Send, Receive> {
  readonly method: MethodDefinition<Send, Receive>;
  readonly encode: (message: Send) => Buffer;
  readonly detour?: (client: Client, streamId: string) => Detour<Receive>;
}

/** Opens streams, each on a connection of its own, and closes those it has. */
export class GrpcOpener implements AsyncDisposable {
  readonly #credentials: () => ChannelCredentials;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #troubles: StreamTroubles;
  readonly #open = new Map<{ close(): void }, PromiseWithResolvers<void>>();
  #closing = false;

  constructor(options: {
    credentials: () => ChannelCredentials;
    clock: Clock;
    random: Random;
    logger: Logger;
  }) {
    this.#credentials = options.credentials;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#logger = options.logger;
    this.#troubles = new StreamTroubles(options);
  }

  async open<Send, Receive>(
    address: string,
    { method, encode, detour }: Opening<Send, Receive>,
    events: StreamEvents<Receive>,
  ): Promise<Stream<Send>> {
    if (this.#closing) throw fail('link-broken', { peer: address, detail: 'this member is ending' });
    const channel = new GrpcChannel(address, this.#credentials());
    const streamId = this.#random.uuid();
    const metadata = new Metadata();
    metadata.set(STREAM_METADATA, streamId);
    const call = channel.client.makeBidiStreamRequest<Buffer, Receive>(
      method.path,
      alreadyEncoded,
      method.responseDeserialize,
      metadata,
    );
    const ended = Promise.withResolvers<void>();
    let opened = false;
    const stream = new GrpcStream<Send, Receive>({
      call,
      encode,
      ...(detour && { detour: detour(channel.client, streamId) }),
      clock: this.#clock,
      hangUp: () => channel.hangUp(),
      over: () => {
        this.#open.delete(stream);
        channel.close();
        const cause = stream.closedBecause ?? '';
        this.#logger.debug({ peer: address, cause }, 'stream over');
        if (opened && cause !== CLOSED_HERE) this.#troubles.tell('stream broke', address, cause);
        ended.resolve();
      },
    });
    this.#open.set(stream, ended);
    try {
      await this.#answered(call, address);
      // Nothing has been awaited since the answer but that: what ended it meanwhile is known here.
      if (stream.closedBecause !== undefined)
        throw fail('link-broken', { peer: address, detail: stream.closedBecause });
    } catch (error) {
      this.#troubles.tell('stream not opened', address, String((error as LambentError).fields['detail']));
      stream.break('it was never open');
      throw error;
    }
    opened = true;
    stream.hear(events);
    return stream;
  }

  /** Closes all streams, and waits until what was sent before has arrived. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    const ends = [...this.#open.values()].map(({ promise }) => promise);
    for (const stream of [...this.#open.keys()]) stream.close();
    await Promise.all(ends);
  }

  /** The other side answers as soon as it has accepted the stream. */
  #answered(call: EventEmitter, peer: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = this.#clock.setTimer(OPEN_TIMEOUT_MS, () =>
        reject(fail('link-broken', { peer, detail: `no answer within ${OPEN_TIMEOUT_MS} ms` })),
      );
      call.once('metadata', () => {
        late.cancel();
        resolve();
      });
      call.once('status', (status: StatusObject) => {
        late.cancel();
        reject(fromGrpcError(peer, status));
      });
    });
  }
}
