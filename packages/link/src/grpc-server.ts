import { once } from 'node:events';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { Server, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Clock, TlsMaterial } from '@lambent/core';
import { serverCredentials } from './grpc-credentials.ts';
import { CONNECTIONS_MAX, GOODBYE_MS, SERVER_OPTIONS } from './grpc-options.ts';
import { hostAndPort } from './host-and-port.ts';

/**
 * A grpc-js server on connections that it accepts itself: grpc-js has no way to end a call whose reader does not
 * read, so what is ended is the connection.
 */
export class GrpcServer implements AsyncDisposable {
  readonly #grpc = new Server(SERVER_OPTIONS);
  readonly #listener: NetServer;
  readonly #connections = new Map<string, Socket>();

  readonly #clock: Clock;

  constructor({ tls, clock }: { tls: TlsMaterial | undefined; clock: Clock }) {
    this.#clock = clock;
    const injector = this.#grpc.createConnectionInjector(serverCredentials(tls));
    this.#listener = createServer({ noDelay: true }, socket => {
      this.#hold(socket);
      injector.injectConnection(socket);
    });
    this.#listener.maxConnections = CONNECTIONS_MAX;
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
