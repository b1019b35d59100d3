import { create } from '@bufbuild/protobuf';
import {
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import {
  type ConnectRequest,
  ConnectRequestSchema,
  type ConnectResponse,
  ConnectResponseSchema,
  WorkerService,
} from '@lambent/contracts';
import type { Clock, Random } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { GrpcDoor } from './grpc-door.ts';
import { STREAM_METADATA, TRANSFERS_MAX } from './grpc-options.ts';
import { GrpcParcels } from './grpc-parcels.ts';
import { assemble, type Part } from './grpc-parts.ts';
import type { GrpcServer } from './grpc-server.ts';
import { alreadyEncoded, decoderOf, encoderOf, grpcService } from './grpc-service.ts';
import { detailOf, type GrpcStream } from './grpc-stream.ts';
import type { Accept } from './link.ts';

const service = grpcService(WorkerService);
const SERVICE = { ...service, connect: { ...service.connect, responseSerialize: alreadyEncoded } };
const encodeResponse = encoderOf(ConnectResponseSchema);
const decodeRequest = decoderOf(ConnectRequestSchema);

interface Connected {
  readonly stream: GrpcStream<ConnectResponse, ConnectRequest>;
  readonly parcels: GrpcParcels;
  /** How many messages are being delivered. */
  delivering: number;
}

/** A worker's side: routers' streams, and the calls beside them by which large messages travel. */
export class GrpcWorkerServer implements AsyncDisposable {
  readonly #door: GrpcDoor<ConnectRequest, ConnectResponse>;
  readonly #random: Random;
  readonly #connected = new Map<string, Connected>();

  constructor(options: {
    server: GrpcServer;
    accept: Accept<ConnectRequest, ConnectResponse>;
    clock: Clock;
    random: Random;
    logger: Logger;
  }) {
    const { server, accept, clock, random, logger } = options;
    this.#random = random;
    this.#door = new GrpcDoor({ server, accept, encode: encodeResponse, clock, logger });
    server.add(SERVICE, {
      connect: (call: ServerDuplexStream<ConnectRequest, Buffer>) => this.#connect(call),
      deliver: (call: ServerReadableStream<Part, unknown>, answer: sendUnaryData<unknown>) =>
        this.#deliver(call, answer),
      fetch: (call: ServerWritableStream<{ readonly parcelId: string }, unknown>) => this.#fetch(call),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#door[Symbol.asyncDispose]();
  }

  #connect(call: ServerDuplexStream<ConnectRequest, Buffer>): void {
    const id = streamIdOf(call);
    if (this.#connected.has(id))
      return void call.emit('error', {
        code: status.ALREADY_EXISTS,
        details: 'a stream of that name is open',
      });
    const parcels = new GrpcParcels({
      announce: announcement => call.write(encodeResponse(announcement)),
      random: this.#random,
    });
    const stream = this.#door.admit(call, { detour: parcels, over: () => this.#connected.delete(id) });
    if (stream) this.#connected.set(id, { stream, parcels, delivering: 0 });
  }

  #deliver(call: ServerReadableStream<Part, unknown>, answer: sendUnaryData<unknown>): void {
    const connected = this.#connected.get(streamIdOf(call));
    if (!connected) return answer(NO_STREAM);
    if (connected.delivering === TRANSFERS_MAX)
      return answer({
        code: status.RESOURCE_EXHAUSTED,
        details: `${TRANSFERS_MAX} messages are being delivered`,
      });
    connected.delivering++;
    const answered: sendUnaryData<unknown> = (...answers) => {
      connected.delivering--;
      answer(...answers);
    };
    assemble(call)
      .then(decodeRequest)
      .then(
        message => {
          connected.stream.deliver(message);
          answered(null, create(WorkerService.method.deliver.output));
        },
        error => answered({ code: status.INVALID_ARGUMENT, details: detailOf(error) }),
      );
  }

  #fetch(call: ServerWritableStream<{ readonly parcelId: string }, unknown>): void {
    const connected = this.#connected.get(streamIdOf(call));
    if (connected) connected.parcels.hand(call);
    else call.emit('error', NO_STREAM);
  }
}

const NO_STREAM = { code: status.NOT_FOUND, details: 'no stream of that name is open' };

function streamIdOf(call: { readonly metadata: { get(key: string): readonly unknown[] } }): string {
  return String(call.metadata.get(STREAM_METADATA)[0] ?? '');
}
