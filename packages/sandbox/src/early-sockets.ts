import type { Server, Socket } from 'node:net';

/** A runtime opens one or two before its worker listens; whoever opens more has the next closed at once. */
export const EARLY_SOCKETS_MAX = 64;

/**
 * Connections that a server accepts before anybody listens for them. Node.js would drop them without closing: their
 * other ends would wait for ever.
 *
 * - holding: from the start; what comes is kept, what the other end resets is forgotten.
 * - handed over: the first listener for connections has been given them all, and gets the later ones itself.
 */
export class EarlySockets implements Disposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', this.#hold);
    server.on('newListener', this.#onListener);
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  readonly #hold = (socket: Socket): void => {
    // Also once it is handed over: a reset between must end nobody but the socket.
    socket.on('error', () => {});
    if (this.#sockets.size >= EARLY_SOCKETS_MAX) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  };

  readonly #onListener = (event: string | symbol): void => {
    if (event !== 'connection') return;
    this.#server.off('newListener', this.#onListener).off('connection', this.#hold);
    // The listener is added after this event; no connection can come before it has been.
    queueMicrotask(() => this.#handOver());
  };

  #handOver(): void {
    const held = [...this.#sockets];
    this.#sockets.clear();
    for (const socket of held) if (!socket.destroyed) this.#server.emit('connection', socket);
  }
}
