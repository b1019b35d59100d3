import { connect, type Server, type Socket } from 'node:net';

/** Where the gateway's public AWS port is. */
export interface AwsEndpointAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * One environment's way to the gateway: every connection to its doorway is carried there, byte for byte. A
 * connection ends on both sides when either ends; a silent one is the function's own affair, since they are
 * bounded and none outlives this.
 */
export class AwsEndpoint implements Disposable {
  readonly #server: Server;
  readonly #address: AwsEndpointAddress;
  readonly #open = new Set<Socket>();

  constructor(server: Server, address: AwsEndpointAddress) {
    this.#server = server;
    this.#address = address;
    server.maxConnections = CONNECTIONS_MAX;
    server.on('connection', socket => this.#carry(socket));
    // A doorway that breaks takes its sandbox's connections with it; the function sees them refused.
    server.on('error', () => this[Symbol.dispose]());
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #carry(inside: Socket): void {
    const outside = connect({ ...this.#address, allowHalfOpen: true });
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      this.#open.add(from);
      from.setNoDelay(true);
      // Errors of one side end the other; there is nobody here to tell.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#open.delete(from);
        to.destroySoon();
      });
      from.pipe(to);
    }
  }
}

/** SDKs keep up to 50 sockets of their own; a function may use two clients. */
const CONNECTIONS_MAX = 128;
