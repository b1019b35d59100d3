import { type AddressInfo, createServer, type Socket, type Server as SocketServer } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { InvocationService } from '@lambent/contracts';
import { type Clock, type Quotas, type Random, sleep, type TlsMaterial } from '@lambent/core';
import { requireLoopback } from '@lambent/daemon';
import { GrpcServerCredentials, grpcService } from '@lambent/link';
import { HealthImplementation } from 'grpc-health-check';
import { CALLS_MAX, type Reception } from '../calls/reception.ts';
import { invocationHandlers } from './invocation-handlers.ts';
import { OpenStreams } from './open-streams.ts';
import { reflectionOf } from './reflection.ts';

export interface GrpcDoorOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly insecureListen: boolean;
  /** With it, both ends show a certificate of the cluster; without, nobody does. */
  readonly tls?: TlsMaterial;
  readonly drainTimeoutMs: number;
  readonly reception: Reception;
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Invoking over gRPC, with health and reflection beside it.
 *
 * - open: takes calls.
 * - leaving: entered by `leave`; calls are still taken, health says NOT_SERVING, so that clients go elsewhere.
 * - draining: entered by dispose; connections take no further call, calls in flight finish, for at most
 *   `drainTimeoutMs`; watches are ended.
 * - closed: every connection is gone.
 */
export class GrpcDoor implements AsyncDisposable {
  /** `host:port`, as clients of gRPC take it. */
  readonly address: string;
  readonly #options: GrpcDoorOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #listener: SocketServer;
  readonly #streams: OpenStreams;
  readonly #health: HealthImplementation;
  #left = false;
  #closed: Promise<void> | undefined;

  private constructor(options: GrpcDoorOptions, listener: SocketServer) {
    const { clock, tls } = options;
    this.#options = options;
    this.#listener = listener;
    const { address, family, port } = listener.address() as AddressInfo;
    this.address = `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    this.#streams = new OpenStreams({
      max: CALLS_MAX,
      clock,
      endsByItself: path => path.startsWith(OWN_PATH),
    });
    this.#health = new HealthImplementation({ '': 'SERVING', [InvocationService.typeName]: 'SERVING' });
    this.#server = new Server({
      ...channelOptions(options.quotas),
      interceptors: [this.#streams.interceptor],
    });
    this.#server.addService(grpcService(InvocationService), { ...invocationHandlers(options) });
    this.#health.addToServer(this.#server);
    reflectionOf(InvocationService).addToServer(this.#server);
    const credentials = tls && new GrpcServerCredentials(tls);
    const injector = this.#server.createConnectionInjector(credentials ?? ServerCredentials.createInsecure());
    listener.on('connection', socket => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      credentials?.renew();
      injector.injectConnection(socket);
    });
  }

  static async open(options: GrpcDoorOptions): Promise<GrpcDoor> {
    const { host, port, insecureListen, tls } = options;
    if (!insecureListen && !tls) requireLoopback('LAMBENT_GATEWAY_GRPC_HOST', host);
    // Listening is done here: grpc-js would tell of a taken port in words only, and take any number of connections.
    const listener = createServer({ noDelay: true });
    listener.maxConnections = CONNECTIONS_MAX;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    listener.once('error', reject).listen(port, host, resolve);
    await promise;
    listener.off('error', reject);
    return new GrpcDoor(options, listener);
  }

  /** From here on health says that others should be asked. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    for (const service of ['', InvocationService.typeName]) this.#health.setStatus(service, 'NOT_SERVING');
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { clock, drainTimeoutMs } = this.#options;
    this.leave();
    const finished = new AbortController();
    const late = sleep(clock, drainTimeoutMs, { signal: finished.signal }).then(
      () => this.#cutOff(),
      // Everybody was done in time.
      () => {},
    );
    await new Promise<void>(resolve => {
      // Of this, and not of the shutdown, the end is waited for: it comes with the last connection's.
      this.#listener.close(() => resolve());
      this.#server.tryShutdown(() => {});
      this.#streams.endWatches();
      // Who has connected and said nothing would not hear a goodbye either.
      for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    });
    finished.abort();
    await late;
  }

  #cutOff(): void {
    this.#server.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
  }
}

const OWN_PATH = `/${InvocationService.typeName}/`;

/** Further connections are dropped, as the HTTP door does. */
const CONNECTIONS_MAX = 10_000;

const MIB = 1_024 * 1_024;

const channelOptions = ({ invokeRequestBytes, responseBytes }: Quotas) => ({
  'grpc.enable_channelz': 0,
  // Two more than an event may have, so that one somewhat too large is refused in AWS's words; what is larger still
  // is refused in gRPC's own, unread.
  'grpc.max_receive_message_length': invokeRequestBytes + 2 * MIB,
  // A response as large as a function may give, and its log.
  'grpc.max_send_message_length': responseBytes + MIB,
  'grpc.max_concurrent_streams': 1_000,
  // A client that vanished without a word is noticed, and its call ended.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
});
