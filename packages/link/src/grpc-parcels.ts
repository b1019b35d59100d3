import { create } from '@bufbuild/protobuf';
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import {
  type ConnectRequest,
  type ConnectResponse,
  ConnectResponseSchema,
  WorkerService,
} from '@lambent/contracts';
import { fail, type Random } from '@lambent/core';
import { partsOf, pour } from './grpc-parts.ts';
import type { Detour } from './grpc-stream.ts';

interface Parcel {
  readonly bytes: Buffer;
  readonly fetched: () => void;
  readonly lost: (error: Error) => void;
}

/**
 * A worker's large messages to one router: each is announced on the stream and waits until it is fetched. The
 * stream bounds how many bytes wait, and for how long.
 */
export class GrpcParcels implements Detour<ConnectRequest> {
  readonly #announce: (announcement: ConnectResponse) => void;
  readonly #random: Random;
  readonly #waiting = new Map<string, Parcel>();

  constructor(options: { announce: (announcement: ConnectResponse) => void; random: Random }) {
    this.#announce = options.announce;
    this.#random = options.random;
  }

  send(bytes: Buffer): Promise<void> {
    const parcelId = this.#random.uuid();
    return new Promise((fetched, lost) => {
      this.#waiting.set(parcelId, { bytes, fetched, lost });
      const value = { parcelId, bytes: BigInt(bytes.length) };
      this.#announce(create(ConnectResponseSchema, { message: { case: 'parcel', value } }));
    });
  }

  /** Routers deliver theirs: nothing is announced to a worker. */
  collect(): undefined {
    return undefined;
  }

  /** Answers a Fetch. A parcel is fetched once. */
  hand(call: ServerWritableStream<{ readonly parcelId: string }, unknown>): void {
    const { parcelId } = call.request;
    const parcel = this.#waiting.get(parcelId);
    if (!parcel) return void call.emit('error', { code: status.NOT_FOUND, details: 'no such parcel waits' });
    this.#waiting.delete(parcelId);
    call.once('finish', parcel.fetched);
    // Told of a call that ended well, too, but then later.
    call.once('cancelled', () =>
      parcel.lost(fail('link-broken', { peer: call.getPeer(), detail: 'not fetched whole' })),
    );
    pour(
      partsOf(parcel.bytes).map(part => create(WorkerService.method.fetch.output, { part })),
      call,
    );
  }
}
