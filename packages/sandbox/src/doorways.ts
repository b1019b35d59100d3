import type { Server } from 'node:net';
import { fail } from '@lambent/core';
import { EarlySockets } from './early-sockets.ts';
import type { DoorwayName } from './sandbox.ts';

interface Doorway {
  readonly opened: Promise<Server>;
  readonly resolve: (server: Server) => void;
  readonly reject: (error: unknown) => void;
  opening?: { readonly server: Server; readonly early: EarlySockets };
}

/**
 * The listening sockets of one sandbox. Each arrives at most once; what arrives besides is closed. Who connects before
 * anybody listens waits, up to a bound. All of them are closed with the sandbox, whoever holds them.
 */
export class Doorways implements Disposable {
  readonly #doorways = new Map<string, Doorway>();

  constructor(names: readonly string[]) {
    for (const name of names) {
      const { promise, resolve, reject } = Promise.withResolvers<Server>();
      // Nobody may ever ask for it.
      promise.catch(() => {});
      this.#doorways.set(name, { opened: promise, resolve, reject });
    }
  }

  get(name: DoorwayName): Promise<Server> {
    const doorway = this.#doorways.get(name);
    return (
      doorway?.opened ??
      Promise.reject(fail('environment-failed', { detail: `no doorway ${name} was planned` }))
    );
  }

  open(name: unknown, server: Server): void {
    const doorway = this.#doorways.get(String(name));
    if (!doorway || doorway.opening) {
      server.close();
      return;
    }
    doorway.opening = { server, early: new EarlySockets(server) };
    doorway.resolve(server);
  }

  /** The program has ended: what has not come will not. */
  end(): void {
    for (const [name, doorway] of this.#doorways)
      doorway.reject(
        fail('environment-failed', { detail: `the program ended before it made the doorway ${name}` }),
      );
  }

  [Symbol.dispose](): void {
    this.end();
    for (const { opening } of this.#doorways.values()) {
      opening?.early[Symbol.dispose]();
      if (opening?.server.listening) opening.server.close();
    }
  }
}
