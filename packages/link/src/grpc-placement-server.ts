import { type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import {
  type EnlistRequest,
  type EnlistResponse,
  EnlistResponseSchema,
  type NeedRequest,
  type NeedResponse,
  PlacementService,
} from '@lambent/contracts';
import type { Clock } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { GrpcDoor } from './grpc-door.ts';
import type { GrpcServer } from './grpc-server.ts';
import { alreadyEncoded, encoderOf, grpcService } from './grpc-service.ts';
import { detailOf } from './grpc-stream.ts';
import type { PlacementDoor } from './link.ts';

const service = grpcService(PlacementService);
const SERVICE = { ...service, enlist: { ...service.enlist, responseSerialize: alreadyEncoded } };

/** Placement's side: workers' streams, and the needs of routers. */
export class GrpcPlacementServer implements AsyncDisposable {
  readonly #door: GrpcDoor<EnlistRequest, EnlistResponse>;
  readonly #server: GrpcServer;
  readonly #placement: PlacementDoor;

  constructor(options: { server: GrpcServer; placement: PlacementDoor; clock: Clock; logger: Logger }) {
    const { server, placement, clock, logger } = options;
    this.#server = server;
    this.#placement = placement;
    const encode = encoderOf(EnlistResponseSchema);
    this.#door = new GrpcDoor({ server, accept: placement.enlist, encode, clock, logger });
    server.add(SERVICE, {
      enlist: (call: ServerDuplexStream<EnlistRequest, Buffer>) => void this.#door.admit(call),
      need: (call: ServerUnaryCall<NeedRequest, NeedResponse>, answer: sendUnaryData<NeedResponse>) =>
        this.#need(call, answer),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#door[Symbol.asyncDispose]();
  }

  #need(call: ServerUnaryCall<NeedRequest, NeedResponse>, answer: sendUnaryData<NeedResponse>): void {
    if (!this.#server.admits(call))
      return answer({ code: status.PERMISSION_DENIED, details: 'only members may ask' });
    this.#placement.need(call.request).then(
      response => answer(null, response),
      error => answer({ code: status.INTERNAL, details: detailOf(error) }),
    );
  }
}
