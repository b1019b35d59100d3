import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { Clock } from '@lambent/core';
import { isLoopback, readEndpointFile } from '@lambent/daemon';
import { type ClusterProcess, type LambentProcess, startCluster, startLambent } from '@lambent/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { cpuUsOf } from './cpu.ts';
import { GrpcTarget } from './grpc-target.ts';
import { openLambdaTarget, type Sign } from './http-target.ts';
import { NatsTarget } from './nats-target.ts';
import { createSigner } from './signer.ts';
import type { FunctionTargetOptions, Target } from './target.ts';

export const DOORS = ['http', 'grpc', 'nats'] as const;
export type Door = (typeof DOORS)[number];

/** Where an installation is reached. */
export interface Addresses {
  /** Of the AWS API. */
  readonly origin: string;
  /** `HOST:PORT`. */
  readonly grpc?: string | undefined;
  readonly nats?: string | undefined;
  /** The first part of the subjects; `lambent` unless it is called otherwise. */
  readonly clusterName?: string | undefined;
  /** A directory with ca.pem, cert.pem and key.pem, to show over gRPC and NATS. */
  readonly certificates?: string | undefined;
}

/** What there is to load: an installation started for it, which ends with it, or one that was there. */
export class Installation implements AsyncDisposable {
  /** To deploy with. It tries nothing again. */
  readonly client: LambdaClient;
  readonly addresses: Addresses;
  readonly #process: LambentProcess | ClusterProcess | undefined;
  readonly #sign: Sign | undefined;

  private constructor(addresses: Addresses, process?: LambentProcess | ClusterProcess) {
    this.addresses = addresses;
    this.#process = process;
    const { origin } = addresses;
    // Who listens on loopback verifies no signature; any other endpoint is shown who asks.
    const local = isLoopback(new URL(origin).hostname);
    this.client = new LambdaClient({
      endpoint: origin,
      maxAttempts: 1,
      ...(local && { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }),
    });
    const { credentials, region } = this.client.config;
    this.#sign = local ? undefined : createSigner({ origin, credentials, region });
  }

  /** One that is there. */
  static attach(addresses: Addresses): Installation {
    return new Installation(addresses);
  }

  /** `lambent up`, everything in one process. */
  static async startUp(): Promise<Installation> {
    const lambent = await startLambent();
    const endpoint = await readEndpointFile(lambent.dataDirectory);
    const grpc = endpoint?.grpcUrl && new URL(endpoint.grpcUrl).host;
    return new Installation({ origin: lambent.url, grpc }, lambent);
  }

  /** `lambent cluster`, each part a process of its own. */
  static async startCluster(): Promise<Installation> {
    const cluster = await startCluster();
    const { name: clusterName, operator: certificates, engines, members } = await cluster.record();
    const gateway = members.find(({ role }) => role === 'gateway');
    return new Installation(
      {
        origin: gateway?.api ?? '',
        grpc: gateway?.grpc && new URL(gateway.grpc).host,
        nats: engines.find(({ kind }) => kind === 'nats')?.url,
        clusterName,
        certificates,
      },
      cluster,
    );
  }

  has(door: Door): boolean {
    return door === 'http' || this.addresses[door] !== undefined;
  }

  /** Opens one way in, which must be there. */
  async open(
    door: Door,
    { connectionsMax, clock, ...options }: FunctionTargetOptions & { connectionsMax: number; clock: Clock },
  ): Promise<Target> {
    const { origin, grpc: address = '', clusterName = 'lambent' } = this.addresses;
    const shared = { ...options, cpuUs: this.#cpuUs };
    switch (door) {
      case 'http':
        return openLambdaTarget({ ...shared, origin, connectionsMax, sign: this.#sign });
      case 'grpc':
        return new GrpcTarget({ ...shared, address, clock, credentials: await this.#grpcCredentials() });
      case 'nats':
        return new NatsTarget({ ...shared, clusterName, connection: await this.#connectNats() });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    await this.#process?.[Symbol.asyncDispose]();
  }

  /** Of everything it consists of, where it was started here. */
  get #cpuUs(): (() => number) | undefined {
    const pid = this.#process?.pid;
    return pid === undefined ? undefined : () => cpuUsOf(pid);
  }

  #certificate(): { readonly ca: string; readonly cert: string; readonly key: string } | undefined {
    const { certificates } = this.addresses;
    if (certificates === undefined) return undefined;
    const file = (name: string) => path.join(certificates, name);
    return { ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') };
  }

  async #grpcCredentials(): Promise<ChannelCredentials | undefined> {
    const files = this.#certificate();
    if (!files) return undefined;
    return credentials.createSsl(
      await readFile(files.ca),
      await readFile(files.key),
      await readFile(files.cert),
    );
  }

  async #connectNats(): Promise<NatsConnection> {
    const files = this.#certificate();
    return await connect({
      servers: this.addresses.nats ?? '',
      ...(files && { tls: { caFile: files.ca, certFile: files.cert, keyFile: files.key } }),
    });
  }
}
