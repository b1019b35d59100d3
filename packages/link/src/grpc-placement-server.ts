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
  readonly #placement: PlacementDoor;

  constructor(options: { server: GrpcServer; placement: PlacementDoor; clock: Clock }) {
    const { server, placement, clock } = options;
    this.#placement = placement;
    this.#door = new GrpcDoor({
      accept: placement.enlist,
      encode: encoderOf(EnlistResponseSchema),
      clock,
      hangUp: peer => server.hangUp(peer),
    });
    server.add(SERVICE, {
      enlist: (call: ServerDuplexStream<EnlistRequest, Buffer>) => void this.#door.admit(call),
      need: (call: ServerUnaryCall<NeedRequest, NeedResponse>, answer: sendUnaryData<NeedResponse>) =>
        this.#need(call.request, answer),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#door[Symbol.asyncDispose]();
  }

  #need(request: NeedRequest, answer: sendUnaryData<NeedResponse>): void {
    this.#placement.need(request).then(
      response => answer(null, response),
      error => answer({ code: status.UNAVAILABLE, details: detailOf(error) }),
    );
  }
}
