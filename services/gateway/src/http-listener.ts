import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpServer } from '@lambent/aws-api';
import { type Clock, fail, sleep } from '@lambent/core';

/**
 * One listening socket.
 *
 * - open: takes requests.
 * - draining: entered by dispose; no new connection is taken, requests in flight finish, for at most
 *   `drainTimeoutMs`; their connections end with their answers.
 * - closed: every connection is gone.
 */
export class HttpListener implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #options: HttpListenerOptions;
  /** What is done after each answer. */
  #answered: () => void = () => {};
  #closed: Promise<void> | undefined;

  private constructor(server: Server, options: HttpListenerOptions) {
    server.on('request', (_, response) => void response.once('close', () => this.#answered()));
    const { address, family, port } = server.address() as AddressInfo;
    this.url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    this.#server = server;
    this.#options = options;
  }

  static async open(options: HttpListenerOptions): Promise<HttpListener> {
    const { host, port } = options;
    if (!options.insecureListen && !LOOPBACK.test(host)) {
      const detail = `${host} can be reached by other machines; --insecure-listen allows it`;
      throw fail('config-invalid', { name: 'host', detail });
    }
    const server = createHttpServer({ handle: (request, response) => options.handle(request, response) });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen(port, host, resolve);
    await promise;
    server.off('error', reject);
    return new HttpListener(server, options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { clock, drainTimeoutMs } = this.#options;
    const server = this.#server;
    const finished = new AbortController();
    const late = sleep(clock, drainTimeoutMs, { signal: finished.signal }).then(
      () => server.closeAllConnections(),
      // Everybody was done in time.
      () => {},
    );
    await new Promise<void>(resolve => {
      server.close(() => resolve());
      // Closing ends only connections that are idle now; the others are ended as they become so.
      this.#answered = () => setImmediate(() => server.closeIdleConnections());
      server.closeIdleConnections();
    });
    finished.abort();
    await late;
  }
}

export interface HttpListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly insecureListen: boolean;
  readonly drainTimeoutMs: number;
  readonly clock: Clock;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;
