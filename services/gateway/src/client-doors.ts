import { AWS_QUOTAS } from '@lambent/core';
import { CallRules } from './calls/call-rules.ts';
import type { Calls } from './calls/calls.ts';
import { Reception } from './calls/reception.ts';
import type { GatewayOptions } from './gateway.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { GrpcDoor } from './grpc/grpc-door.ts';
import type { LambdaBackend } from './lambda/lambda-backend.ts';
import { NatsDoor } from './nats/nats-door.ts';

export interface ClientDoorsOptions extends Pick<LambdaBackend, 'onTrouble'> {
  readonly calls: Calls;
  readonly metrics: GatewayMetrics;
}

/** The doors for clients that invoke functions without speaking AWS's protocol. */
export class ClientDoors implements AsyncDisposable {
  readonly grpcAddress: string;
  readonly #grpc: GrpcDoor;
  readonly #nats: NatsDoor | undefined;

  private constructor(grpc: GrpcDoor, nats: NatsDoor | undefined) {
    this.#grpc = grpc;
    this.#nats = nats;
    this.grpcAddress = grpc.address;
  }

  static async open(options: GatewayOptions, inside: ClientDoorsOptions): Promise<ClientDoors> {
    const { config, grpcTls: tls, natsBus: bus } = options;
    const { quotas = AWS_QUOTAS } = options;
    const rules = new CallRules(quotas);
    const shared = { ...options, ...inside, quotas, rules, drainTimeoutMs: config.gatewayDrainTimeoutMs };
    const grpc = await GrpcDoor.open({
      ...shared,
      host: config.grpcHost,
      port: config.grpcPort,
      insecureListen: config.insecureListen,
      reception: new Reception({ ...shared, door: 'grpc' }),
      ...(tls && { tls }),
    });
    const reception = new Reception({ ...shared, door: 'nats' });
    return new ClientDoors(grpc, bus && NatsDoor.open({ ...shared, bus, reception }));
  }

  /** From here on clients that ask are told to go elsewhere; those that call are served. */
  leave(): void {
    this.#grpc.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#grpc[Symbol.asyncDispose](), this.#nats?.[Symbol.asyncDispose]()]);
  }
}
