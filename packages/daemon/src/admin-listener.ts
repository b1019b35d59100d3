import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, sleep } from '@lambent/core';
import { requireLoopback } from './loopback.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * What `/readyz` says: 200 for `ready`, 503 for the others.
 *
 * Below it stands what the process leans on and is failed by, one line each: it serves, though not all that it should.
 *
 * - starting: from the beginning, until what the process serves is open.
 * - ready: it wants traffic.
 * - draining: it closes; what asks elsewhere from now on is not cut off.
 */
export type Readiness = 'starting' | 'ready' | 'draining';

export interface AdminListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Allows a host that other machines reach. */
  readonly insecureListen: boolean;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

export type AdminHandler = (url: URL, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Operators and one collector, with room for what they forget to close. */
const CONNECTIONS_MAX = 256;
/** For answers under way when it closes; whoever reads more slowly is cut off. */
const CLOSING_MS_MAX = 1_000;

/**
 * What operators ask a process, on a port of its own that functions cannot reach: `/healthz` (it answers), `/readyz`
 * (it wants traffic), `/metrics`, and what else it is given to serve. It is opened first and closed last.
 */
export class AdminListener implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #answers = new Set<Promise<unknown>>();
  readonly #handlers = new Map<string, AdminHandler>();
  readonly #supports = new Map<string, () => string | undefined>();
  readonly #telemetry: Telemetry;
  #readiness: Readiness = 'starting';
  #closed: Promise<void> | undefined;

  private constructor(server: Server, { telemetry, clock }: AdminListenerOptions) {
    const { address, family, port } = server.address() as AddressInfo;
    this.url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    this.#server = server;
    this.#clock = clock;
    this.#telemetry = telemetry;
    this.#handlers
      .set('/healthz', async (_url, _request, response) => answer(response, 200, 'ok'))
      .set('/readyz', async (_url, _request, response) =>
        answer(response, this.#readiness === 'ready' ? 200 : 503, this.#state),
      )
      .set('/metrics', async (_url, _request, response) =>
        answer(response, 200, await telemetry.exposition()),
      );
    server.on('request', (request, response) => {
      const answered = new Promise<void>(resolve => response.once('close', resolve));
      this.#answers.add(answered);
      void answered.then(() => this.#answers.delete(answered));
      void this.#handle(request, response);
    });
  }

  /** Rejects with `config-invalid`, or with Node's own error where the port cannot be had. */
  static async open(options: AdminListenerOptions): Promise<AdminListener> {
    const { host, port, insecureListen } = options;
    if (!insecureListen) requireLoopback('--admin-host', host);
    const server = createServer();
    server.maxConnections = CONNECTIONS_MAX;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen(port, host, resolve);
    await promise;
    server.off('error', reject);
    return new AdminListener(server, options);
  }

  get readiness(): Readiness {
    return this.#readiness;
  }

  is(readiness: Readiness): void {
    this.#readiness = readiness;
  }

  /** From here on `trouble` is asked what is wrong with something that the process leans on; undefined: nothing is. */
  leansOn(support: string, trouble: () => string | undefined): void {
    this.#supports.set(support, trouble);
    this.#telemetry.gauge(
      'lambent_degraded',
      'Whether something that this process leans on fails it; /readyz says what is wrong.',
      () => (trouble() === undefined ? 0 : 1),
      { support },
    );
  }

  /** Serves GET of one more path, until disposed. */
  serve(path: string, handler: AdminHandler): Disposable {
    this.#handlers.set(path, handler);
    return { [Symbol.dispose]: () => this.#handlers.delete(path) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  get #state(): string {
    const troubles = [...this.#supports].flatMap(([support, trouble]) => {
      const text = trouble();
      return text === undefined ? [] : [`${support}: ${text.replaceAll('\n', ' ')}`];
    });
    return [this.#readiness, ...troubles].join('\n');
  }

  async #close(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve));
    const finished = new AbortController();
    const late = sleep(this.#clock, CLOSING_MS_MAX, { signal: finished.signal });
    // It either passes or is called off: both mean that nobody is waited for any more.
    await Promise.race([Promise.all(this.#answers), late.catch(() => {})]);
    finished.abort();
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET') return answer(response, 405, 'only GET');
    const url = new URL(request.url ?? '', this.url);
    const handler = this.#handlers.get(url.pathname);
    if (!handler) return answer(response, 404, `there are ${[...this.#handlers.keys()].join(', ')}`);
    // Whoever asked has gone, or the process is in trouble that its own log tells: there is nobody to answer.
    await handler(url, request, response).catch(() => void response.destroy());
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(`${text}\n`);
}
