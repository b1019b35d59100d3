import {
  type ConnectRequest,
  ConnectRequestSchema,
  type ConnectResponse,
  type EnlistRequest,
  EnlistRequestSchema,
  type EnlistResponse,
  type NeedRequest,
  type NeedResponse,
  PlacementService,
  WorkerService,
} from '@lambent/contracts';
import type { Clock, Random, TlsMaterial } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { GrpcCalls } from './grpc-calls.ts';
import { channelCredentials } from './grpc-credentials.ts';
import { GrpcOpener, type Opening } from './grpc-opener.ts';
import { GrpcPlacementServer } from './grpc-placement-server.ts';
import { GrpcServer } from './grpc-server.ts';
import { encoderOf, grpcService } from './grpc-service.ts';
import { GrpcWorkerDetour } from './grpc-worker-detour.ts';
import { GrpcWorkerServer } from './grpc-worker-server.ts';
import type { Accept, Link, PlacementDoor, Served, Stream, StreamEvents } from './link.ts';

const { connect } = grpcService(WorkerService);
const { enlist, need } = grpcService(PlacementService);

const TO_WORKER: Opening<ConnectRequest, ConnectResponse> = {
  method: connect,
  encode: encoderOf(ConnectRequestSchema),
  detour: (client, streamId) => new GrpcWorkerDetour({ client, streamId }),
};
const TO_PLACEMENT: Opening<EnlistRequest, EnlistResponse> = {
  method: enlist,
  encode: encoderOf(EnlistRequestSchema),
};

export interface GrpcLinkOptions {
  /** Without it nothing is encrypted, and everybody is believed. */
  readonly tls?: TlsMaterial;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The network between machines: gRPC, with TLS on both sides or on neither. */
export class GrpcLink implements Link, AsyncDisposable {
  readonly #options: GrpcLinkOptions;
  readonly #opener: GrpcOpener;
  readonly #calls: GrpcCalls;
  readonly #served = new Set<AsyncDisposable>();

  constructor(options: GrpcLinkOptions) {
    const { tls, clock } = options;
    this.#options = { ...options, logger: options.logger.child({ component: 'link' }) };
    const credentials = channelCredentials(tls);
    this.#opener = new GrpcOpener({ ...this.#options, credentials });
    this.#calls = new GrpcCalls({ credentials, clock });
  }

  openWorker(address: string, events: StreamEvents<ConnectResponse>): Promise<Stream<ConnectRequest>> {
    return this.#opener.open(address, TO_WORKER, events);
  }

  openPlacement(address: string, events: StreamEvents<EnlistResponse>): Promise<Stream<EnlistRequest>> {
    return this.#opener.open(address, TO_PLACEMENT, events);
  }

  serveWorker(address: string, accept: Accept<ConnectRequest, ConnectResponse>): Promise<Served> {
    return this.#serve(address, server => new GrpcWorkerServer({ ...this.#options, server, accept }));
  }

  servePlacement(address: string, placement: PlacementDoor): Promise<Served> {
    return this.#serve(address, server => new GrpcPlacementServer({ ...this.#options, server, placement }));
  }

  need(address: string, request: NeedRequest, options: { timeoutMs: number }): Promise<NeedResponse> {
    return this.#calls.call(address, need, request, options.timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#calls[Symbol.dispose]();
    const owned = [this.#opener, ...this.#served];
    await Promise.all(owned.map(each => each[Symbol.asyncDispose]()));
  }

  async #serve(address: string, attach: (server: GrpcServer) => AsyncDisposable): Promise<Served> {
    const server = new GrpcServer(this.#options);
    const doors = attach(server);
    const bound = await server.listen(address);
    const served = {
      address: bound,
      [Symbol.asyncDispose]: async () => {
        this.#served.delete(served);
        await doors[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
    this.#served.add(served);
    return served;
  }
}
