import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Random, SystemRandom } from '@lambent/core';

/** Below the ports that the kernel gives to outgoing connections: those come and go while a server restarts. */
const FIRST = 15_000;
const COUNT = 17_000;
/** With all of these taken the machine is out of ports. */
const TRIES_MAX = 64;

/** A port of `host` that nobody listens on just now. Somebody else may take it before its user does. */
export async function freePort(host = '127.0.0.1', random: Random = new SystemRandom()): Promise<number> {
  for (let tried = 1; ; tried++) {
    const port = FIRST + Math.floor(random.fraction() * COUNT);
    const server = createServer().listen(port, host);
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && tried < TRIES_MAX) continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
