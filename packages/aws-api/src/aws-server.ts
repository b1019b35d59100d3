import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Random } from '@lambent/core';
import { Addressees } from './addressees.ts';
import { AwsError } from './aws-error.ts';
import type { AwsService, BodyLimit } from './aws-service.ts';
import type { Answer } from './protocol.ts';
import { BodyError, type BodyProblem, BodyRoom, readBody } from './request-body.ts';
import { HttpRequestContext } from './request-context.ts';
import { sendAnswer } from './send-answer.ts';
import { type ServedService, ServiceLoader } from './served-service.ts';
import { UNKNOWN_OPERATION } from './unknown-operation.ts';

/** As long as Node itself gives a whole request: enough for the largest package over a slow line. */
const BODY_TIMEOUT_MS = 300_000;
/** Seven of the largest packages at once; each costs about three times its size until it is handled. */
const BODIES_BYTES_MAX = 512 * 1_024 * 1_024;

export interface AwsServer {
  /** Answers one request. Never rejects: what goes wrong is answered, or told to `onError`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** One request that has been answered, for logs and metrics. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly operation: string | undefined;
  readonly status: number;
  readonly durationMs: number;
}

export interface AwsServerOptions {
  /** The first answers for requests that do not say which one they are for. */
  readonly services: readonly [AwsService, ...AwsService[]];
  readonly accountId: string;
  readonly region: string;
  readonly random: Random;
  readonly clock: Clock;
  /** An unexpected error, which the client was told of only as a ServiceException. */
  onError(error: unknown, requestId: string, operation: string | undefined): void;
  onRequest?(request: AnsweredRequest): void;
  readonly bodyTimeoutMs?: number;
  readonly bodiesBytesMax?: number;
}

export function createAwsServer(options: AwsServerOptions): AwsServer {
  return new SchemaAwsServer(options);
}

/** The failure of our own where no service is known: the client learns nothing of it but the request's id. */
const SERVICE_EXCEPTION: Answer = {
  status: 500,
  headers: { 'Content-Type': 'application/json', 'x-amzn-ErrorType': 'ServiceException' },
  body: '{"Type":"Service","Message":"The service encountered an internal error."}',
};

const NO_BODY = Buffer.alloc(0);

/** How far a request has come, for what is said of it when it fails. */
interface Progress {
  service: ServedService | undefined;
  operation: string | undefined;
}

class SchemaAwsServer implements AwsServer {
  readonly #options: AwsServerOptions;
  readonly #addressees: Addressees<AwsService>;
  readonly #loaders: ReadonlyMap<AwsService, ServiceLoader>;
  readonly #room: BodyRoom;

  constructor(options: AwsServerOptions) {
    this.#options = options;
    this.#addressees = new Addressees(options.services);
    this.#loaders = new Map(options.services.map(service => [service, new ServiceLoader(service)]));
    this.#room = new BodyRoom(options.bodiesBytesMax ?? BODIES_BYTES_MAX);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { random, clock, accountId, region } = this.#options;
    const startedMs = clock.monotonicMs();
    const requestId = random.uuid();
    const context = new HttpRequestContext(request, response, { requestId, accountId, region });
    const progress: Progress = { service: undefined, operation: undefined };
    const exchange = { request, response, requestId, clock };
    const answer = await this.#answer(request, context, progress).catch(error =>
      this.#refuse(error, { requestId, progress, gone: response.destroyed }),
    );
    try {
      await sendAnswer(answer, { ...exchange, headers: context.answerHeaders });
    } catch (error) {
      // A header that is none, or a stream that failed: of the latter the client learns by the missing end, and
      // that it fails once the client has gone is no news.
      if (!response.destroyed) this.#options.onError(error, requestId, progress.operation);
      if (response.headersSent) response.destroy();
      else await sendAnswer(SERVICE_EXCEPTION, { ...exchange, headers: {} });
    }
    const durationMs = clock.monotonicMs() - startedMs;
    this.#options.onRequest?.({
      requestId,
      operation: progress.operation,
      status: response.statusCode,
      durationMs,
    });
  }

  async #answer(request: IncomingMessage, context: HttpRequestContext, progress: Progress): Promise<Answer> {
    const head = { method: request.method ?? '', target: request.url ?? '', headers: request.headers };
    const loader = this.#loaders.get(this.#addressees.of(head)) as ServiceLoader;
    const service = loader.loaded ?? (await loader.load());
    progress.service = service;
    const { unknownLimit } = service;
    let body = unknownLimit && (await this.#read(request, unknownLimit));
    try {
      const call = service.match(head, body ?? NO_BODY);
      if (!call) return UNKNOWN_OPERATION;
      const { operation } = call;
      progress.operation = operation;
      const handler = service.handlerOf(operation);
      if (!handler)
        throw new AwsError(
          'NotImplementedException',
          `The operation ${operation} is not implemented by Lambent`,
        );
      body ??= await this.#read(request, service.bodyLimitOf(operation));
      const input = call.decode(body);
      service.validate(operation, input);
      return call.encode(await handler(input, context), context.requestId);
    } finally {
      this.#room.give(body?.length ?? 0);
    }
  }

  #read(request: IncomingMessage, { maxBytes }: BodyLimit): Promise<Buffer> | Buffer {
    const timeoutMs = this.#options.bodyTimeoutMs ?? BODY_TIMEOUT_MS;
    return readBody(request, { maxBytes, timeoutMs, room: this.#room, clock: this.#options.clock });
  }

  #refuse(
    error: unknown,
    { requestId, progress, gone }: { requestId: string; progress: Progress; gone: boolean },
  ): Answer {
    const awsError = error instanceof BodyError ? bodyRefusal(error.problem, progress) : error;
    if (awsError instanceof AwsError) {
      const answer = progress.service?.encodeError(awsError, requestId);
      if (answer) return answer;
    }
    // Of a client that has gone the handler was told through its signal; that it then failed is no news.
    if (!gone) this.#options.onError(error, requestId, progress.operation);
    return progress.service?.encodeFailure(requestId) ?? SERVICE_EXCEPTION;
  }
}

function bodyRefusal(problem: BodyProblem, { service, operation = '' }: Progress): AwsError | undefined {
  switch (problem) {
    case 'too-large':
      return (service?.unknownLimit ?? service?.bodyLimitOf(operation))?.refusal();
    case 'no-room':
      return new AwsError(
        'ServiceUnavailableException',
        'Too many large requests are being read. Please try again.',
      );
    case 'too-slow':
    case 'broken':
      return new AwsError('RequestTimeoutException', 'The body of the request did not arrive in time.');
  }
}
