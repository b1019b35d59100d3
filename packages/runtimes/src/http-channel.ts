import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { Server, Socket } from 'node:net';
import { AWS_QUOTAS, type Random, type ResponseSink } from '@lambent/core';
import { Conversation, type ConversationState } from './conversation.ts';
import { recordedErrorType } from './error-type.ts';
import { collectBody, type PostedBody, passBody } from './posted-body.ts';
import {
  API_ERRORS,
  type ApiError,
  accept,
  invalidTransition,
  refuse,
  tooLarge,
} from './runtime-api-answers.ts';
import {
  InitFailure,
  type ResponseLimits,
  RestoreFailure,
  type RuntimeAnswer,
  type RuntimeChannel,
  type RuntimeEvent,
} from './runtime-channel.ts';

/**
 * Opens the conversation with a runtime that speaks the Lambda Runtime API, on the connections that `server` accepts.
 * Owns `server` from here on. A runtime may close its connections as it likes: that it is gone must be told by
 * disposing of the channel when its sandbox has exited.
 */
export function openHttpChannel(options: HttpChannelOptions): RuntimeChannel {
  return new HttpChannel(options);
}

interface HttpChannelOptions {
  readonly server: Server;
  readonly random: Random;
  /** AWS's own when left out. */
  readonly limits?: ResponseLimits;
  /** The runtime may wait to be restored. */
  readonly snapStart?: boolean;
}

/** A runtime needs one or two. Each may hold headers of the size below, so that these are 16 MiB of an environment. */
const CONNECTIONS_MAX = 16;
/** The cause of an error, which X-Ray reads, comes in a header of up to 1 MiB. */
const HEADER_BYTES_MAX = 1_048_576 + 16_384;

const API = '/2018-06-01';
const POST_PATH = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;
const ERROR_TYPE = 'lambda-runtime-function-error-type';
const ERROR_BODY = 'lambda-runtime-function-error-body';
const RESPONSE_MODE = 'lambda-runtime-function-response-mode';
const OCTETS = 'application/octet-stream';
const NOTHING = new Uint8Array();
const CUT_SHORT: RuntimeAnswer = {
  kind: 'error',
  errorType: 'Runtime.TruncatedResponse',
  payload: Buffer.from(
    JSON.stringify({ errorType: 'Runtime.TruncatedResponse', errorMessage: 'Response truncated' }),
  ),
};

/** AWS's names of the states, as its error messages have them. */
const STATE_NAMES: Readonly<Record<ConversationState['kind'], string>> = {
  starting: 'Started',
  held: 'RestoreReady',
  restoring: 'Restoring',
  idle: 'Ready',
  running: 'Ready',
  answered: 'ResponseSent',
  failed: 'InitError',
  ended: 'ResponseSent',
};

/** Before the first event an answer is out of place, rather than one to another event. */
const NOT_BEGUN: ReadonlySet<ConversationState['kind']> = new Set([
  'starting',
  'held',
  'restoring',
  'failed',
]);

class HttpChannel implements RuntimeChannel {
  readonly #random: Random;
  readonly #doorway: Server;
  readonly #http: HttpServer;
  readonly #sockets = new Set<Socket>();
  readonly #limits: ResponseLimits;
  readonly #conversation: Conversation;
  /** The `next` that has no event yet. */
  #waiting: ServerResponse | undefined;
  /** An event whose runtime hung up while it waited: it goes to the `next` that comes. */
  #undelivered: RuntimeEvent | undefined;
  /** Identifies this attempt at an event among all attempts. */
  #invocationId = '';
  readonly #snapStart: boolean;
  /** The `restore/next` of a runtime that is held. */
  #held: ServerResponse | undefined;
  /** What is being posted, as AWS names it: one body at a time, so that an environment has one under way. */
  #posting: 'InvocationResponse' | 'InitError' | 'RestoreError' | undefined;
  /**
   * The invocation whose response in parts ended before its end. What its reader has of it cannot be taken back, so it
   * cannot be posted once more: it failed, be it by an error, by the runtime's exit or because another event is asked for.
   */
  #cutShort: string | undefined;

  constructor(options: HttpChannelOptions) {
    const { server: doorway, random, limits = AWS_QUOTAS, snapStart = false } = options;
    this.#limits = limits;
    this.#conversation = new Conversation(limits.streamedResponseBytes);
    this.#random = random;
    this.#doorway = doorway;
    this.#snapStart = snapStart;
    // A runtime waits for its next event as long as it takes, so nothing here times out.
    const patience = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 };
    this.#http = createServer({ ...patience, maxHeaderSize: HEADER_BYTES_MAX }, (request, response) =>
      this.#route(request, response),
    );
    this.#http.on('clientError', refuseBrokenRequest);
    doorway.maxConnections = CONNECTIONS_MAX;
    doorway.on('connection', (socket: Socket) => this.#serve(socket));
    // The doorway broke: the runtime's calls fail, and its exit is what ends the environment.
    doorway.on('error', () => this.#conversation.end());
  }

  get ready(): Promise<void> {
    return this.#conversation.ready;
  }

  restore(): Promise<void> {
    const restored = this.#conversation.restore();
    this.#held?.end();
    this.#held = undefined;
    return restored;
  }

  invoke(event: RuntimeEvent, sink?: ResponseSink): Promise<RuntimeAnswer> {
    const answer = this.#conversation.start(event.requestId, sink);
    if (this.#conversation.state.kind !== 'running') return answer;
    this.#invocationId = this.#random.uuid();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    // Its connection may be gone before anybody was told.
    if (waiting && !waiting.socket?.destroyed) this.#deliver(event, waiting);
    else this.#undelivered = event;
    return answer;
  }

  rested(): Promise<void> {
    return this.#conversation.rested();
  }

  [Symbol.dispose](): void {
    this.#conversation.end();
    this.#doorway.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    this.#http.emit('connection', socket);
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    // Sent behind a call that is not answered yet. No runtime does; with their headers, hundreds would be held.
    if (response.socket === null) return void request.socket.destroy();
    const path = request.url?.split('?', 1)[0] ?? '';
    const call = `${request.method} ${path}`;
    if (call === `GET ${API}/runtime/invocation/next`) return this.#next(response);
    const [, requestId, kind] = (request.method === 'POST' && POST_PATH.exec(path)) || [];
    if (requestId) return this.#post(request, response, { requestId, isError: kind === 'error' });
    if (call === `POST ${API}/runtime/init/error`) return this.#initError(request, response);
    if (this.#snapStart && call === `GET ${API}/runtime/restore/next`) return this.#restoreNext(response);
    if (this.#snapStart && call === `POST ${API}/runtime/restore/error`)
      return this.#restoreError(request, response);
    if (call === `GET ${API}/ping`) return void response.end('pong');
    refuse(response, explainUnknown(path));
  }

  #next(response: ServerResponse): void {
    const event = this.#undelivered;
    if (event) {
      this.#undelivered = undefined;
      return this.#deliver(event, response);
    }
    if (this.#cutShort !== undefined) this.#conversation.answer(this.#cutShort, CUT_SHORT);
    this.#cutShort = undefined;
    const hungUp = this.#conversation.state.kind === 'idle' && this.#waiting === undefined;
    if (!hungUp && !this.#mayRest()) return refuse(response, this.#invalidTransition('Ready'));
    this.#waiting = response;
    response.on('close', () => {
      if (this.#waiting === response) this.#waiting = undefined;
    });
    // Last: whoever waits for this may invoke at once.
    this.#conversation.rest();
  }

  #mayRest(): boolean {
    const { kind } = this.#conversation.state;
    return kind === 'starting' || kind === 'restoring' || kind === 'answered';
  }

  #restoreNext(response: ServerResponse): void {
    const { kind } = this.#conversation.state;
    // It hung up while it was held, and was told to go on meanwhile.
    if (kind === 'restoring') return void response.end();
    const hungUp = kind === 'held' && this.#held === undefined;
    if (kind !== 'starting' && !hungUp) return refuse(response, this.#invalidTransition('RestoreReady'));
    this.#held = response;
    response.on('close', () => {
      if (this.#held === response) this.#held = undefined;
    });
    this.#conversation.hold();
  }

  #restoreError(request: IncomingMessage, response: ServerResponse): void {
    if (this.#conversation.state.kind !== 'restoring' || this.#posting)
      return refuse(response, this.#invalidTransition('RestoreError'));
    this.#posting = 'RestoreError';
    void collectBody(request, this.#limits.responseBytes).then(body => {
      this.#posting = undefined;
      if (body.kind === 'truncated') return;
      if (body.kind === 'too-large') return refuse(response, tooLarge(body.max));
      accept(response);
      this.#conversation.failRestore(new RestoreFailure(body.payload));
    });
  }

  #deliver(event: RuntimeEvent, response: ServerResponse): void {
    const { traceHeader, clientContext, tenantId } = event;
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': event.payload.length,
      'Lambda-Runtime-Aws-Request-Id': event.requestId,
      'Lambda-Runtime-Deadline-Ms': Math.trunc(event.deadlineEpochMs),
      'Lambda-Runtime-Invoked-Function-Arn': toHeader(event.invokedFunctionArn),
      'Lambda-Runtime-Invocation-Id': this.#invocationId,
      ...(traceHeader !== undefined && { 'Lambda-Runtime-Trace-Id': toHeader(traceHeader) }),
      ...(clientContext !== undefined && { 'Lambda-Runtime-Client-Context': toHeader(clientContext) }),
      ...(tenantId !== undefined && { 'Lambda-Runtime-Aws-Tenant-Id': toHeader(tenantId) }),
    });
    response.end(event.payload);
  }

  #post(
    request: IncomingMessage,
    response: ServerResponse,
    posted: { readonly requestId: string; readonly isError: boolean },
  ): void {
    const refusal = this.#findRefusal(request, posted);
    if (refusal) return refuse(response, refusal);
    this.#posting = 'InvocationResponse';
    void this.#readPosted(request, posted).then(body => {
      this.#posting = undefined;
      // The runtime may post once more; one that is gone is told by its exit.
      if (body.kind === 'truncated') return;
      if (body.kind === 'too-large') refuse(response, tooLarge(body.max));
      else accept(response);
      this.#conversation.answer(posted.requestId, readAnswer(request, body, posted));
    });
  }

  /** A response in parts goes to who takes it so; all else is collected. */
  async #readPosted(
    request: IncomingMessage,
    { requestId, isError }: { readonly requestId: string; readonly isError: boolean },
  ): Promise<PostedBody> {
    const inParts = !isError && request.headers[RESPONSE_MODE] !== undefined;
    if (!inParts || !this.#conversation.begin(requestId, request.headers['content-type'] ?? OCTETS))
      return collectBody(request, this.#limits.responseBytes);
    const sink = this.#conversation.sinkOf(requestId);
    const isWhole = sink && (await passBody(request, sink));
    if (isWhole) return { kind: 'whole', payload: NOTHING };
    this.#cutShort = requestId;
    return { kind: 'truncated' };
  }

  #findRefusal(
    request: IncomingMessage,
    posted: { readonly requestId: string; readonly isError: boolean },
  ): ApiError | undefined {
    const { state } = this.#conversation;
    if (NOT_BEGUN.has(state.kind))
      return this.#invalidTransition(posted.isError ? 'InvocationErrorResponse' : 'InvocationResponse');
    const isActive = state.kind === 'running' && state.requestId === posted.requestId && !this.#undelivered;
    if (!isActive || this.#posting) return API_ERRORS.invalidRequestId;
    if (posted.isError) return undefined;
    if (this.#cutShort === posted.requestId) return API_ERRORS.invalidRequestId;
    const invocationId = request.headers['lambda-runtime-invocation-id'];
    if (invocationId !== undefined && invocationId !== this.#invocationId)
      return API_ERRORS.invalidInvocationId;
    const mode = request.headers[RESPONSE_MODE];
    const isKnownMode = mode === undefined || String(mode).toLowerCase() === 'streaming';
    return isKnownMode ? undefined : API_ERRORS.invalidResponseMode;
  }

  #initError(request: IncomingMessage, response: ServerResponse): void {
    if (this.#conversation.state.kind !== 'starting' || this.#posting)
      return refuse(response, this.#invalidTransition('InitError'));
    this.#posting = 'InitError';
    void collectBody(request, this.#limits.responseBytes).then(body => {
      this.#posting = undefined;
      if (body.kind === 'truncated') return;
      if (body.kind === 'too-large') return refuse(response, tooLarge(body.max));
      accept(response);
      const errorType = recordedErrorType(String(request.headers[ERROR_TYPE] ?? ''), 'Runtime.Unknown');
      this.#conversation.failInit(new InitFailure(errorType, body.payload));
    });
  }

  #invalidTransition(to: string): ApiError {
    return invalidTransition(this.#posting ?? STATE_NAMES[this.#conversation.state.kind], to);
  }
}

/** What was answered: an error also when a stream ended with one in its trailers. */
function readAnswer(
  request: IncomingMessage,
  body: Exclude<PostedBody, { kind: 'truncated' }>,
  { isError }: { readonly isError: boolean },
): RuntimeAnswer {
  if (body.kind === 'too-large') return body;
  const streamError = request.trailers[ERROR_TYPE];
  if (!isError && streamError === undefined) return { kind: 'response', payload: body.payload };
  const given = isError ? request.headers[ERROR_TYPE] : streamError;
  return {
    kind: 'error',
    errorType: recordedErrorType(String(given ?? ''), 'Function.Unknown'),
    payload: isError ? body.payload : Buffer.from(request.trailers[ERROR_BODY] ?? '', 'base64'),
  };
}

function explainUnknown(path: string): ApiError {
  if (path.startsWith(`${API}/runtime/restore/`)) return API_ERRORS.noSnapStart;
  if (path.startsWith('/2020-01-01/extension/')) return API_ERRORS.noExtensions;
  if (path === '/2022-07-01/telemetry' || path === '/2020-08-15/logs') return API_ERRORS.noTelemetry;
  return API_ERRORS.unknownPath;
}

/** UTF-8 in the one form in which a header may carry it; line ends, which JSON may have between its tokens, as spaces. */
function toHeader(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  return bytes.replaceAll('\x7f', '\\u007f').replace(/[^\t\x20-\x7e\x80-\xff]/g, ' ');
}

/** A request that ended before its body did, or was none. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { errorMessage, errorType } = API_ERRORS.truncated;
  const body = `${JSON.stringify({ errorMessage, errorType })}\n`;
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}
