import assert from 'node:assert/strict';
import { type Clock, fail, isFailure, sleep, type TlsMaterial } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import {
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection as CoreConnection } from '@nats-io/nats-core';
import { type DialOptions, dial } from './dial.ts';
import { failureOfNats, isTransient } from './from-nats-error.ts';
import { checkOwner, ensureOwnedStream, ownerMetadata, type StreamRequest } from './owned-stream.ts';
import { durabilityGaps } from './server-durability.ts';
import { checkServer } from './server-fitness.ts';

export interface NatsConnectionOptions extends DialOptions {
  readonly tls?: TlsMaterial;
  /** First part of every subject and of the name of every stream: letters, digits, `-` and `_`. */
  readonly cluster: string;
  /** Told apart from a cluster of the same name by this. */
  readonly clusterId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Copies of every stream; 3 where the servers are a cluster. */
  readonly replicas?: number;
  /** What the operator vouches for: that the servers run with `sync_interval: always`. */
  readonly syncInterval?: 'always' | 'unknown';
  /** Of a server's monitoring port, such as `http://nats:8222`: then it is asked how it syncs its files. */
  readonly monitorUrl?: string;
}

/**
 * - `connected`: entered once a server was found fit and its JetStream answers.
 * - `disconnected`: no server; it is dialled for ever. Left as soon as one answers.
 * - `without-jetstream`: a server, whose JetStream does not answer: no leader, or still starting. Asked each second.
 * - `unfit`: the server found after a loss would not keep our promises. Left with that server.
 * - `closed`: for good.
 */
export type NatsState = 'connected' | 'disconnected' | 'without-jetstream' | 'unfit' | 'closed';

const JETSTREAM_TIMEOUT_MS = 5_000;
const RECHECK_PAUSE_MS = 1_000;
const OPEN_ATTEMPTS_MAX = 10;
/**
 * How long servers that have just started may take to know each other: they elect a leader, and each tells of itself
 * every ten seconds. On two busy cores that was 7 to 15 s; three times that.
 */
const PEERS_PATIENCE_MS = 45_000;
const PEERS_PAUSE_MS = 250;
/** What is on its way out when the connection closes; publications are at most once. */
const DRAIN_PATIENCE_MS = 2_000;
const CLUSTER_NAME = /^[A-Za-z0-9_-]+$/;

/** The one connection of a process to NATS, found fit for what is built on it. */
export class NatsConnection implements AsyncDisposable {
  readonly core: CoreConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly cluster: string;
  readonly replicas: number;
  /** Why something that the broker acknowledged could be lost with the power; empty where it could not. */
  readonly degraded: readonly string[];
  readonly #options: NatsConnectionOptions;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;
  #state: NatsState = 'connected';
  #recheck: Promise<void> | undefined;

  private constructor(options: NatsConnectionOptions, parts: ConnectionParts) {
    this.core = parts.core;
    this.manager = parts.manager;
    this.jetstream = jetstream(parts.core, { timeout: JETSTREAM_TIMEOUT_MS });
    this.degraded = parts.degraded;
    this.cluster = options.cluster;
    this.replicas = parts.replicas;
    this.#options = options;
    this.#logger = options.logger.child({ component: 'nats' });
    this.#watching = this.#watch();
  }

  /** Fails with `broker-unavailable`, or `broker-unfit`. */
  static async open(options: NatsConnectionOptions): Promise<NatsConnection> {
    assert.match(options.cluster, CLUSTER_NAME);
    const core = await dial(options);
    try {
      const replicas = options.replicas ?? 1;
      if (core.info) checkServer(core.info, core.getServer());
      const manager = await openManager(core, options.clock);
      const degraded = await durabilityGaps({ syncInterval: 'unknown', ...options, replicas });
      const connection = new NatsConnection(options, { core, manager, degraded, replicas });
      connection.#logger.info({ server: core.getServer() }, 'nats connected');
      connection.#tellDegraded();
      return connection;
    } catch (error) {
      await core.close();
      throw failureOfNats(error);
    }
  }

  get state(): NatsState {
    return this.#state;
  }

  /** What every stream of this cluster carries, so that no other cluster takes it for its own. */
  get ownerMetadata(): Readonly<Record<string, string>> {
    return ownerMetadata(this.#options.clusterId);
  }

  /** The name of a stream of this cluster. */
  streamName(name: string): string {
    return `${this.cluster}-${name}`;
  }

  /** A subject of this cluster. Each part is a token already. */
  subject(...parts: readonly string[]): string {
    return [this.cluster, ...parts].join('.');
  }

  /**
   * Adds the stream, or brings it to these settings, and compares what the server made of them: `broker-unfit`
   * where it dropped one, `cluster-mismatch` where another cluster has it, `broker-unavailable` where too few servers
   * came to know each other within bounded patience. The name gets the cluster's prefix.
   */
  async ensureStream(request: StreamRequest): Promise<StreamInfo> {
    const { clock, clusterId } = this.#options;
    const { signal } = this.#closing;
    const asked = { num_replicas: this.replicas, ...request, name: this.streamName(request.name) };
    const endMs = clock.monotonicMs() + PEERS_PATIENCE_MS;
    for (;;) {
      try {
        return await ensureOwnedStream({ manager: this.manager, clusterId }, asked);
      } catch (error) {
        const waits = isFailure(error, 'broker-unavailable') && clock.monotonicMs() + PEERS_PAUSE_MS <= endMs;
        if (!waits || signal.aborted) throw failureOfNats(error);
      }
      // Aborted: the connection is closing, and the next attempt fails.
      await sleep(clock, PEERS_PAUSE_MS, { signal }).catch(() => {});
    }
  }

  /** `cluster-mismatch` where another cluster has this stream. */
  checkOwner(stream: StreamInfo): void {
    checkOwner(this.#options.clusterId, stream);
  }

  /** Somebody was not answered by JetStream: finds out whether anybody is. */
  suspect(): void {
    if (this.#state === 'connected') this.#startRecheck();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      await this.#close();
      this.#become('closed');
    }
    await this.#watching;
    await this.#recheck;
  }

  /** A single replica was asked for and is told once; what else is missing is somebody's to mend. */
  #tellDegraded(): void {
    const { degraded } = this;
    if (degraded.length === 0) return;
    const level = degraded.length === 1 && this.replicas === 1 ? 'info' : 'warn';
    this.#logger[level]({ degraded }, 'nats is degraded');
  }

  async #close(): Promise<void> {
    const { clock } = this.#options;
    if (this.#state === 'disconnected') return void (await this.core.close());
    const drained = new AbortController();
    const patience = sleep(clock, DRAIN_PATIENCE_MS, { signal: drained.signal }).then(
      () => this.core.close(),
      // Drained in time.
      () => {},
    );
    // A connection that cannot be drained is closed all the same.
    await Promise.race([this.core.drain().catch(() => {}), patience]);
    drained.abort();
    await this.core.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.core.status()) {
      if (status.type === 'disconnect') this.#become('disconnected');
      if (status.type === 'reconnect') this.#startRecheck();
    }
  }

  #startRecheck(): void {
    this.#recheck ??= this.#check().finally(() => {
      this.#recheck = undefined;
    });
  }

  async #check(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const found = await this.#examine();
      // Another server may have answered than the one that was lost meanwhile.
      if (!this.core.isClosed()) this.#become(found);
      if (found !== 'without-jetstream') return;
      // Aborted: the connection is closing.
      await sleep(this.#options.clock, RECHECK_PAUSE_MS, { signal }).catch(() => {});
    }
  }

  async #examine(): Promise<NatsState> {
    try {
      if (this.core.info) checkServer(this.core.info, this.core.getServer());
      await this.manager.getAccountInfo();
      return 'connected';
    } catch (error) {
      if (!isFailure(error, 'broker-unfit')) return 'without-jetstream';
      this.#logger.error({ err: error }, 'nats server is unfit');
      return 'unfit';
    }
  }

  #become(state: NatsState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    const fields = { state, server: this.core.getServer() };
    if (state === 'connected') this.#logger.info(fields, 'nats connected');
    else if (state === 'closed') this.#logger.info(fields, 'nats closed');
    else this.#logger.warn(fields, 'nats is away');
  }
}

/** A server that has just started is there a little before its JetStream is. */
async function openManager(core: CoreConnection, clock: Clock): Promise<JetStreamManager> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await jetstreamManager(core, { timeout: JETSTREAM_TIMEOUT_MS });
    } catch (error) {
      if (!isTransient(error) || attempt === OPEN_ATTEMPTS_MAX)
        throw fail('broker-unavailable', { detail: `JetStream: ${String(error)}` }, { cause: error });
    }
    await sleep(clock, RECHECK_PAUSE_MS);
  }
}

interface ConnectionParts {
  readonly core: CoreConnection;
  readonly manager: JetStreamManager;
  readonly degraded: readonly string[];
  readonly replicas: number;
}
