import { create } from '@bufbuild/protobuf';
import { type Client, Metadata } from '@grpc/grpc-js';
import { type ConnectResponse, ConnectResponseSchema, WorkerService } from '@lambent/contracts';
import { fail } from '@lambent/core';
import { PARCELS_MAX, STREAM_METADATA, TRANSFERS_MAX } from './grpc-options.ts';
import { assemble, partsOf, pour } from './grpc-parts.ts';
import { decoderOf, grpcService } from './grpc-service.ts';
import type { Detour } from './grpc-stream.ts';
import { GrpcTurns } from './grpc-turns.ts';

const { deliver, fetch } = grpcService(WorkerService);
const decodeResponse = decoderOf(ConnectResponseSchema);

/** A router's large messages travel by calls of their own beside its stream, and it fetches the worker's. */
export class GrpcWorkerDetour implements Detour<ConnectResponse> {
  readonly #client: Client;
  readonly #streamId: string;
  readonly #sending = new GrpcTurns(TRANSFERS_MAX);
  readonly #fetching = new GrpcTurns(TRANSFERS_MAX);
  #announced = 0;

  constructor(options: { client: Client; streamId: string }) {
    this.#client = options.client;
    this.#streamId = options.streamId;
  }

  send(bytes: Buffer): Promise<void> {
    return this.#sending.take(() => this.#deliver(bytes));
  }

  collect({ message }: ConnectResponse): Promise<ConnectResponse> | undefined {
    if (message.case !== 'parcel') return undefined;
    if (this.#announced === PARCELS_MAX)
      return Promise.reject(fail('queue-full', { queue: 'parcels', max: PARCELS_MAX }));
    this.#announced++;
    const { parcelId } = message.value;
    return this.#fetching.take(() => this.#fetch(parcelId)).finally(() => this.#announced--);
  }

  #deliver(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeClientStreamRequest(
        deliver.path,
        deliver.requestSerialize,
        deliver.responseDeserialize,
        this.#metadata(),
        error => (error ? reject(error) : resolve()),
      );
      // The answer tells what went wrong.
      call.on('error', () => undefined);
      const parts = partsOf(bytes).map(part => create(WorkerService.method.deliver.input, { part }));
      pour(parts, call);
    });
  }

  async #fetch(parcelId: string): Promise<ConnectResponse> {
    const call = this.#client.makeServerStreamRequest(
      fetch.path,
      fetch.requestSerialize,
      fetch.responseDeserialize,
      create(WorkerService.method.fetch.input, { parcelId }),
      this.#metadata(),
    );
    return decodeResponse(await assemble(call));
  }

  #metadata(): Metadata {
    const metadata = new Metadata();
    metadata.set(STREAM_METADATA, this.#streamId);
    return metadata;
  }
}
