import { once } from 'node:events';
import { createServer } from 'node:net';
import { fail } from '@lambent/core';
import { freePort } from '@lambent/engines';

/** Ports for parts that are not started yet: none is given twice. */
export class PortBook {
  readonly #taken = new Set<number>();

  /** The one it had before, if nobody listens there now; else another. */
  async take(host: string, before?: number): Promise<number> {
    if (before !== undefined && !this.#taken.has(before) && (await isFree(host, before)))
      return this.#note(before);
    for (;;) {
      const port = await freePort(host);
      if (!this.#taken.has(port)) return this.#note(port);
    }
  }

  /** The one it had before and no other: somebody has written it down. */
  async keep(host: string, before: number | undefined, who: string): Promise<number> {
    if (before === undefined) return this.take(host);
    if (await isFree(host, before)) return this.#note(before);
    const detail = `port ${before}, at which the others find ${who}, is in use by another process`;
    throw fail('config-invalid', { name: '--data', detail });
  }

  /** This one: somebody asked for it. Rejects with Node's error where it cannot be had. */
  async claim(host: string, port: number): Promise<number> {
    await tryPort(host, port);
    return this.#note(port);
  }

  #note(port: number): number {
    this.#taken.add(port);
    return port;
  }
}

function isFree(host: string, port: number): Promise<boolean> {
  return tryPort(host, port).then(
    () => true,
    // Whatever the reason, this port cannot be had.
    () => false,
  );
}

async function tryPort(host: string, port: number): Promise<void> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
