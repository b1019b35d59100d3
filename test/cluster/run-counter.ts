import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import type { Files } from '@lambent/testing';

/** Every run of one key, in order of their beginnings. */
export interface Run {
  readonly requestId: string;
  readonly beganMs: number;
  /** The address it came from: the worker's, where sandboxes reach the world by it. */
  readonly from: string;
}

interface Count {
  readonly atMs: number;
  readonly open: number;
}

/**
 * Counts what runs, where it runs: a counted function holds a connection to it for as long as it works. A process
 * that is killed lets go of its connection, too, so what is open is what runs.
 */
export class RunCounter implements AsyncDisposable {
  readonly #server: Server;
  readonly #runs = new Map<string, Run[]>();
  /** By key. */
  readonly #open = new Map<Socket, string>();
  readonly #watchers = new Set<() => void>();
  /** What was open after each beginning since the last `forgetMost`, in their order. */
  #counts: Count[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', socket => this.#accept(socket));
  }

  static async open(host: string): Promise<RunCounter> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, host, resolve);
    });
    return new RunCounter(server);
  }

  /** host:port */
  get address(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  get inFlight(): number {
    return this.#open.size;
  }

  /** How many run at that address. */
  inFlightAt(address: string): number {
    return [...this.#open.keys()].filter(({ remoteAddress }) => remoteAddress === address).length;
  }

  /** How many run of those whose keys begin so. */
  inFlightOf(prefix: string): number {
    return [...this.#open.values()].filter(key => key.startsWith(prefix)).length;
  }

  /** Told whenever one has begun, before it goes on. */
  watch(began: () => void): Disposable {
    this.#watchers.add(began);
    return { [Symbol.dispose]: () => void this.#watchers.delete(began) };
  }

  /** The most at once since the last `forgetMost`. */
  get most(): number {
    return this.mostBetween(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  /** The most that one beginning within that time saw at once; 0 when nothing began. */
  mostBetween(fromMs: number, toMs: number): number {
    const within = this.#counts.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    return within.reduce((most, { open }) => Math.max(most, open), 0);
  }

  forgetMost(): void {
    this.#counts = [{ atMs: performance.now(), open: this.#open.size }];
  }

  runsOf(key: string): readonly Run[] {
    return this.#runs.get(key) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open.keys()) socket.destroy();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    let heard = '';
    const gone = () => void this.#open.delete(socket);
    // A sandbox that vanishes with its network may leave nothing but silence.
    socket.setKeepAlive(true, KEEP_ALIVE_MS).setEncoding('utf8');
    socket.on('close', gone).on('error', gone);
    socket.on('data', (text: string) => {
      heard += text;
      if (!heard.endsWith('\n')) return;
      const [key = '', requestId = ''] = heard.trim().split(' ');
      heard = '';
      this.#open.set(socket, key);
      const beganMs = performance.now();
      this.#counts.push({ atMs: beganMs, open: this.#open.size });
      const runs = this.#runs.get(key) ?? [];
      runs.push({ requestId, beganMs, from: socket.remoteAddress ?? '' });
      this.#runs.set(key, runs);
      for (const began of this.#watchers) began();
      socket.write('counted\n');
    });
    socket.on('end', () => {
      gone();
      socket.end();
    });
  }
}

const KEEP_ALIVE_MS = 1_000;

/** A function that is counted while it works: its event says under which `key` and for how long. */
export const COUNTED_FUNCTION: Files = {
  'index.mjs': `import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
const [host, port] = process.env.COUNTER.split(':');
export const handler = async ({ key, holdMs }, { awsRequestId }) => {
  const socket = connect(Number(port), host);
  const ended = new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject));
  const counted = new Promise(resolve => socket.once('data', resolve));
  socket.write(key + ' ' + awsRequestId + '\\n');
  await Promise.race([counted, ended]);
  await setTimeout(holdMs);
  socket.end();
  await ended;
  return key;
};`,
};
