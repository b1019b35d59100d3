import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Telemetry } from '@lambent/daemon';
import type { LogReader } from './log-reader.ts';

/**
 * What operators ask a gateway, on a port of its own that functions cannot reach: `/healthz` (the process
 * answers), `/readyz` (it wants traffic), `/metrics` and `/logs`.
 */
export class AdminApi {
  readonly #options: AdminApiOptions;

  constructor(options: AdminApiOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://gateway');
    if (request.method !== 'GET') return answer(response, 405, 'only GET');
    switch (url.pathname) {
      case '/healthz':
        return answer(response, 200, 'ok');
      case '/readyz':
        return this.#options.ready() ? answer(response, 200, 'ready') : answer(response, 503, 'draining');
      case '/metrics':
        return answer(response, 200, await this.#options.telemetry.exposition());
      case '/logs':
        return this.#options.logReader.handle(url.searchParams, request, response);
      default:
        return answer(response, 404, 'there are /healthz, /readyz, /metrics and /logs');
    }
  }
}

export interface AdminApiOptions {
  readonly telemetry: Telemetry;
  readonly logReader: LogReader;
  /** Whether more requests are wanted. */
  ready(): boolean;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(`${text}\n`);
}
