import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, parseCaller } from './caller.ts';

/** What a handler may know of the request besides its input, and the headers it may add to the answer. */
export interface RequestContext {
  readonly requestId: string;
  /** Aborted when the client goes away before it has its answer. */
  readonly signal: AbortSignal;
  /** The region the request was signed for; the server's own for an unsigned one. */
  readonly region: string;
  readonly accountId: string;
  readonly accessKeyId?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly sourceIp: string;
  /** scheme://host as the client addressed it. */
  readonly baseUrl: string;
  setHeader(name: string, value: string): void;
}

/** What a Host header may hold; anything else is not repeated into URLs that we make. */
const HOST = /^[A-Za-z0-9._\-[\]:]{1,255}$/;

/** Computes on demand what few handlers ask for: an invocation should not pay for a parsed signature. */
export class HttpRequestContext implements RequestContext {
  readonly requestId: string;
  readonly accountId: string;
  /** The headers set so far. */
  readonly answerHeaders: Record<string, string> = {};
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #region: string;
  #signal: AbortSignal | undefined;
  #caller: Caller | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    options: { requestId: string; accountId: string; region: string },
  ) {
    this.requestId = options.requestId;
    this.accountId = options.accountId;
    this.#region = options.region;
    this.#request = request;
    this.#response = response;
  }

  get signal(): AbortSignal {
    this.#signal ??= abortedWithClient(this.#response);
    return this.#signal;
  }

  get region(): string {
    return this.#signedBy.region ?? this.#region;
  }

  get accessKeyId(): string | undefined {
    return this.#signedBy.accessKeyId;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get sourceIp(): string {
    return this.#request.socket.remoteAddress ?? '';
  }

  get baseUrl(): string {
    const { socket, headers } = this.#request;
    const scheme = 'encrypted' in socket ? 'https' : 'http';
    if (headers.host !== undefined && HOST.test(headers.host)) return `${scheme}://${headers.host}`;
    const address = socket.localAddress ?? '127.0.0.1';
    return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${socket.localPort}`;
  }

  setHeader(name: string, value: string): void {
    this.answerHeaders[name] = value;
  }

  get #signedBy(): Caller {
    this.#caller ??= parseCaller(this.#request.headers.authorization, this.#request.url ?? '');
    return this.#caller;
  }
}

/** `close` comes once per response, after the last byte or when the connection breaks; only the latter aborts. */
function abortedWithClient(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    if (!response.writableFinished) controller.abort(new Error('the client has gone'));
  };
  if (response.closed) abort();
  else response.once('close', abort);
  return controller.signal;
}
