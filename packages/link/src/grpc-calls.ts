import type { ChannelCredentials, MethodDefinition } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { type Clock, fail } from '@lambent/core';
import { fromGrpcError } from './from-grpc-error.ts';
import { GrpcChannel } from './grpc-channel.ts';
import { CALLED_PEERS_MAX } from './grpc-options.ts';

/**
 * Calls to peers, over one connection to each that is kept for the next call. A connection that failed is dropped,
 * so that the next call makes another at once: whoever calls has a pace of its own.
 */
export class GrpcCalls implements Disposable {
  readonly #credentials: () => ChannelCredentials;
  readonly #clock: Clock;
  /** Least recently used first. */
  readonly #channels = new Map<string, GrpcChannel>();
  #ended = false;

  constructor(options: { credentials: () => ChannelCredentials; clock: Clock }) {
    this.#credentials = options.credentials;
    this.#clock = options.clock;
  }

  /** Rejects with `link-broken`, `peer-absent` or `request-timeout`. */
  async call<Request, Response>(
    address: string,
    method: MethodDefinition<Request, Response>,
    request: Request,
    timeoutMs: number,
  ): Promise<Response> {
    if (this.#ended) throw fail('link-broken', { peer: address, detail: 'this member is ending' });
    const channel = this.#channelTo(address);
    return new Promise((resolve, reject) => {
      const call = channel.client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        (error, response) => {
          late.cancel();
          if (response) return resolve(response);
          if (error?.code === status.UNAVAILABLE) this.#drop(address, channel);
          reject(fromGrpcError(address, error ?? { details: 'it answered nothing' }));
        },
      );
      const late = this.#clock.setTimer(timeoutMs, () => {
        reject(fail('request-timeout', { subject: method.path, timeoutMs }));
        call.cancel();
        // One that stands is watched by keepalive; an attempt may last for ever.
        if (!channel.ready) this.#drop(address, channel);
      });
    });
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    for (const [address, channel] of this.#channels) this.#drop(address, channel);
  }

  #channelTo(address: string): GrpcChannel {
    const channel = this.#channels.get(address) ?? new GrpcChannel(address, this.#credentials());
    this.#channels.delete(address);
    this.#channels.set(address, channel);
    const [oldest] = this.#channels;
    if (oldest && this.#channels.size > CALLED_PEERS_MAX) {
      this.#channels.delete(oldest[0]);
      oldest[1].close();
    }
    return channel;
  }

  #drop(address: string, channel: GrpcChannel): void {
    if (this.#channels.get(address) === channel) this.#channels.delete(address);
    channel.hangUp();
  }
}
