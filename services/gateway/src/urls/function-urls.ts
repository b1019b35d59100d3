import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, BodyError, BodyRoom, readBody } from '@lambent/aws-api';
import type { Clock, Quotas, Random } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { LATEST } from '@lambent/functions';
import type { Call } from '../calls/call.ts';
import type { Calls } from '../calls/calls.ts';
import { streamedResponse } from '../calls/streamed-response.ts';
import { toAwsError } from '../lambda/to-aws-error.ts';
import { traceInputOf } from '../trace-context.ts';
import { corsHeaders, isPreflight } from './cors-headers.ts';
import { INTERNAL_SERVER_ERROR, urlAnswer } from './url-answer.ts';
import type { KnownUrl, UrlDirectory } from './url-directory.ts';
import { urlEvent } from './url-event.ts';
import type { UrlHosts, UrlTarget } from './url-hosts.ts';
import type { UrlCaller, UrlSigners } from './url-signers.ts';
import { sendParts } from './url-stream.ts';

export interface FunctionUrlsOptions {
  readonly quotas: Quotas;
  readonly calls: Calls;
  readonly hosts: UrlHosts;
  readonly directory: UrlDirectory;
  readonly signers: UrlSigners;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The door for plain HTTP: each request to a function's URL is an event, and what the function gives back its answer. */
export class FunctionUrls {
  readonly #options: FunctionUrlsOptions;
  readonly #room = new BodyRoom(BODIES_BYTES_MAX);

  constructor(options: FunctionUrlsOptions) {
    this.#options = options;
  }

  /** Whether a request is for this noun at all. */
  serves(request: IncomingMessage): boolean {
    return this.#options.hosts.find(request) !== undefined;
  }

  /** Never rejects: what goes wrong is answered. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = this.#options.random.uuid();
    response.setHeader('x-amzn-RequestId', requestId);
    try {
      await this.#answer(request, response, requestId);
    } catch (error) {
      this.#refuse(error, response, requestId);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { hosts, directory, signers } = this.#options;
    const target = hosts.find(request) as UrlTarget;
    const known = await directory.find(target.urlId);
    if (!known) return forbid(response, null);
    const cors = corsHeaders(known.url.cors, request);
    for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
    if (known.url.cors && isPreflight(request)) return void response.writeHead(200).end();
    const signed = known.url.authType === 'AWS_IAM';
    if (!signed && !known.isOpen) return forbid(response, FORBIDDEN);
    const body = await readBody(request, {
      maxBytes: this.#options.quotas.invokeRequestBytes,
      timeoutMs: BODY_TIMEOUT_MS,
      room: this.#room,
      clock: this.#options.clock,
    });
    try {
      const caller = signed ? await signers.admit(known, request, body) : undefined;
      if (signed && !caller) return forbid(response, FORBIDDEN);
      await this.#invoke(known, { request, response, requestId, target, body, cors, caller });
    } finally {
      this.#room.give(body.length);
    }
  }

  async #invoke(known: KnownUrl, exchange: Exchange): Promise<void> {
    const { calls, clock } = this.#options;
    const { response, cors } = exchange;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const call = this.#callOf(known, exchange, gone.signal);
    if (known.url.invokeMode === 'RESPONSE_STREAM') {
      const streamed = await streamedResponse(call, one => calls.answer(one));
      return sendParts(streamed, response, { cors, clock });
    }
    const answer = await calls.answer(call);
    const failed = answer.statusCode !== 200 || answer.outcome.kind !== 'ok';
    const { statusCode, headers, cookies, body } = failed
      ? INTERNAL_SERVER_ERROR
      : urlAnswer(answer.outcome.payload);
    for (const [name, value] of Object.entries({ ...headers, ...cors })) response.setHeader(name, value);
    if (cookies.length > 0) response.setHeader('set-cookie', cookies);
    response.setHeader('content-length', body.length);
    response.writeHead(statusCode).end(body);
  }

  #callOf(
    { owner: { functionName, qualifier } }: KnownUrl,
    { request, response, requestId, target, body, caller }: Exchange,
    signal: AbortSignal,
  ): Call {
    const { clock } = this.#options;
    const trace = traceInputOf(request.headers);
    const event = urlEvent({
      request,
      ...target,
      body,
      requestId,
      traceHeader: trace.xAmznTraceId,
      caller,
      nowMs: clock.nowMs(),
    });
    return {
      door: 'http',
      requestId,
      functionName,
      qualifier: qualifier === LATEST ? undefined : qualifier,
      type: 'RequestResponse',
      payload: Buffer.from(JSON.stringify(event)),
      clientContext: undefined,
      logTail: false,
      trace,
      signal,
      traced: header => void response.setHeader('x-amzn-trace-id', header),
    };
  }

  #refuse(error: unknown, response: ServerResponse, requestId: string): void {
    if (response.headersSent) return void response.destroy();
    if (error instanceof BodyError) {
      const status = error.problem === 'too-large' ? 413 : error.problem === 'no-room' ? 503 : 408;
      return say(response, status, { Message: BODY_PROBLEMS[status] });
    }
    if (error instanceof AwsError && UNSIGNED.has(error.name)) {
      response.setHeader('x-amzn-ErrorType', error.name);
      return say(response, 403, { Message: error.wireMessage });
    }
    const refusal = toAwsError(error);
    if (refusal?.name === 'TooManyRequestsException')
      return say(response, 429, { Message: 'Rate Exceeded.' });
    this.#options.logger.warn({ err: error, requestId }, 'a call of a function URL failed');
    response.setHeader('content-type', 'application/json');
    response.writeHead(502).end('Internal Server Error');
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly target: UrlTarget;
  readonly body: Uint8Array;
  readonly cors: Readonly<Record<string, string>>;
  readonly caller: UrlCaller | undefined;
}

function forbid(response: ServerResponse, message: string | null): void {
  response.setHeader('x-amzn-ErrorType', 'AccessDeniedException');
  say(response, 403, { Message: message });
}

/** A body that nobody reads is not waited for either. */
function say(response: ServerResponse, status: number, content: object): void {
  const body = JSON.stringify(content);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}

const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';
/** What may be wrong with a signature. */
const UNSIGNED: ReadonlySet<string> = new Set([
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
  'ExpiredTokenException',
]);
const BODY_PROBLEMS: Readonly<Record<number, string>> = {
  408: 'The body of the request did not arrive in time.',
  413: 'Request Entity Too Large',
  503: 'Too many large requests are being read. Please try again.',
};
const BODY_TIMEOUT_MS = 300_000;
/** Of requests that are being answered: as much as the door for AWS's API holds. */
const BODIES_BYTES_MAX = 512 * 1_024 * 1_024;
