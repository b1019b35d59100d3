import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What happens to bytes: they pass; nothing passes while connections stay open, as on a cable that was cut; only
 * answers do not pass, so that what is asked is done and nobody hears of it; or nobody is let in.
 */
export type ProxyMode = 'pass' | 'hold' | 'hold-answers' | 'refuse';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A way to a TCP server on loopback that a test can disturb. What was held goes on when it passes again. */
export class TcpProxy implements AsyncDisposable {
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  #mode: ProxyMode = 'pass';

  private constructor(listener: Server, target: { port: number; host: string }) {
    this.#listener = listener;
    listener.on('connection', client => this.#join(client, connect(target)));
  }

  /** `target` is a URL: only its host and port count. */
  static async open(target: string): Promise<TcpProxy> {
    const { hostname: host, port } = new URL(target);
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new TcpProxy(listener, { host, port: Number(port) });
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  get mode(): ProxyMode {
    return this.#mode;
  }

  set mode(mode: ProxyMode) {
    this.#mode = mode;
    if (mode === 'refuse') this.cut();
    for (const pair of this.#pairs) this.#apply(pair);
  }

  /** Ends every connection there is. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await once(this.#listener, 'close');
  }

  #join(client: Socket, server: Socket): void {
    const pair = { client, server };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', bytes => void to.write(bytes));
      from.on('end', () => to.end());
      // Either end may break at any time; that is what this is for.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
    if (this.#mode === 'refuse') client.resetAndDestroy();
    else this.#apply(pair);
  }

  #apply({ client, server }: Pair): void {
    const mode = this.#mode;
    if (mode === 'hold') client.pause();
    else client.resume();
    if (mode === 'pass') server.resume();
    else server.pause();
  }
}
