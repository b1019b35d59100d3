import { once } from 'node:events';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Clock, TlsMaterial } from '@lambent/core';
import { CONNECTIONS_MAX, GOODBYE_MS, MEMBER_ROLES, SERVER_OPTIONS } from './grpc-options.ts';
import { GrpcServerCredentials } from './grpc-server-credentials.ts';
import { hostAndPort } from './host-and-port.ts';

type AuthContext = ReturnType<ServerUnaryCall<unknown, unknown>['getAuthContext']>;

/**
 * A grpc-js server on connections that it accepts itself: grpc-js has no way to end a call whose reader does not
 * read, so what is ended is the connection.
 */
export class GrpcServer implements AsyncDisposable {
  readonly #grpc = new Server(SERVER_OPTIONS);
  readonly #listener: NetServer;
  readonly #connections = new Map<string, Socket>();

  readonly #tls: TlsMaterial | undefined;
  readonly #clock: Clock;

  constructor({ tls, clock }: { tls?: TlsMaterial; clock: Clock }) {
    this.#tls = tls;
    this.#clock = clock;
    const credentials = tls && new GrpcServerCredentials(tls);
    const injector = this.#grpc.createConnectionInjector(credentials ?? ServerCredentials.createInsecure());
    this.#listener = createServer({ noDelay: true }, socket => {
      this.#hold(socket);
      credentials?.renew();
      injector.injectConnection(socket);
    });
    this.#listener.maxConnections = CONNECTIONS_MAX;
  }

  /**
   * Whether the caller is a member of the cluster: its certificate, which its authority signed or TLS would have
   * refused it, says so by the name `<role>/<id>`. Without TLS everybody is believed.
   */
  admits(call: { getAuthContext(): AuthContext }): boolean {
    if (!this.#tls) return true;
    const [role] = String(call.getAuthContext().sslPeerCertificate?.subject.CN).split('/');
    return MEMBER_ROLES.includes(String(role));
  }

  add(service: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    this.#grpc.addService(service, implementation);
  }

  /** Gives the address it is bound to: that which was asked for, with the port that 0 stood for. */
  async listen(address: string): Promise<string> {
    const { host, port } = hostAndPort(address);
    this.#listener.listen({ host, port });
    await once(this.#listener, 'listening');
    const bound = this.#listener.address();
    return typeof bound === 'object' && bound ? address.replace(/\d+$/, String(bound.port)) : address;
  }

  /** Ends the connection of a peer, named as grpc-js does. */
  hangUp(peer: string): void {
    this.#connections.get(peer)?.destroy();
  }

  /** Lets the other sides end their connections, and then ends those that are left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>(resolve => this.#listener.close(() => resolve()));
    using _late = this.#clock.setTimer(GOODBYE_MS, () => {
      this.#grpc.forceShutdown();
      for (const socket of this.#connections.values()) socket.destroy();
    });
    this.#grpc.tryShutdown(() => undefined);
    await closed;
  }

  #hold(socket: Socket): void {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#connections.set(peer, socket);
    socket.once('close', () => this.#connections.delete(peer));
    // Whoever uses the connection is told by its streams.
    socket.on('error', () => undefined);
  }
}
