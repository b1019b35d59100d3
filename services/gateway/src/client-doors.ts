import { CallRules } from './calls/call-rules.ts';
import type { Calls } from './calls/calls.ts';
import { Reception } from './calls/reception.ts';
import type { GatewayOptions } from './gateway.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { GrpcDoor } from './grpc/grpc-door.ts';
import type { LambdaBackend } from './lambda/lambda-backend.ts';

export interface ClientDoorsOptions extends Pick<LambdaBackend, 'onTrouble'> {
  readonly calls: Calls;
  readonly metrics: GatewayMetrics;
}

/** The doors for clients that invoke functions without speaking AWS's protocol. */
export class ClientDoors implements AsyncDisposable {
  readonly grpcAddress: string;
  readonly #grpc: GrpcDoor;

  private constructor(grpc: GrpcDoor) {
    this.#grpc = grpc;
    this.grpcAddress = grpc.address;
  }

  static async open(options: GatewayOptions, inside: ClientDoorsOptions): Promise<ClientDoors> {
    const { config, clock, random, grpcTls: tls } = options;
    const rules = new CallRules();
    const grpc = await GrpcDoor.open({
      host: config.grpcHost,
      port: config.grpcPort,
      insecureListen: config.insecureListen,
      drainTimeoutMs: config.gatewayDrainTimeoutMs,
      reception: new Reception({ ...inside, door: 'grpc', rules, clock }),
      clock,
      random,
      ...(tls && { tls }),
    });
    return new ClientDoors(grpc);
  }

  /** From here on clients that ask are told to go elsewhere; those that call are served. */
  leave(): void {
    this.#grpc.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#grpc[Symbol.asyncDispose]();
  }
}
