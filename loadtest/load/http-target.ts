import { Pool } from 'undici';
import type { Outcome } from './outcome.ts';
import type { FunctionTargetOptions, Target, TargetOptions } from './target.ts';

export type Headers = Readonly<Record<string, string>>;
/** Gives the headers of one request, those handed in included. */
export type Sign = (path: string, headers: Headers, body: Uint8Array) => Promise<Headers>;

export interface HttpTargetOptions extends TargetOptions {
  readonly origin: string;
  /** One for each copy of the function. */
  readonly paths: readonly string[];
  readonly headers?: Headers;
  /** For endpoints that verify signatures. */
  readonly sign?: Sign | undefined;
  /** A call beyond waits for one to be free. */
  readonly connectionsMax: number;
}

/** POST over connections that are kept: the AWS API, and anything else that takes an event and gives an answer. */
export class HttpTarget implements Target {
  readonly name: string;
  readonly cpuUs: Target['cpuUs'];
  readonly #options: HttpTargetOptions;
  readonly #pool: Pool;

  constructor(options: HttpTargetOptions) {
    this.name = options.name;
    this.cpuUs = options.cpuUs;
    this.#options = options;
    const { origin, connectionsMax, patienceMs } = options;
    this.#pool = new Pool(origin, {
      connections: connectionsMax,
      pipelining: 1,
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
      connectTimeout: patienceMs,
    });
  }

  async call(copy: number): Promise<Outcome> {
    const { paths, event, judge, headers = {}, sign } = this.#options;
    const path = paths[copy % paths.length] ?? '/';
    try {
      const sent = sign ? await sign(path, headers, event) : headers;
      const response = await this.#pool.request({ path, method: 'POST', headers: sent, body: event });
      const payload = Buffer.from(await response.body.arrayBuffer());
      const header = (name: string) => response.headers[name]?.toString();
      const failure = header('x-amz-function-error');
      if (failure !== undefined) return { kind: 'failed', error: errorTypeOf(payload) ?? failure };
      if (response.statusCode === 429) return { kind: 'throttled' };
      if (response.statusCode >= 300)
        return { kind: 'error', error: header('x-amzn-errortype') ?? `status ${response.statusCode}` };
      const tail = header('x-amz-log-result');
      return judge({ payload, logTail: tail && Buffer.from(tail, 'base64').toString() });
    } catch (error) {
      return { kind: 'error', error: nameOf(error) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}

type Connections = Pick<HttpTargetOptions, 'origin' | 'sign' | 'connectionsMax'>;

/** The AWS API's Invoke. */
export function openLambdaTarget(options: FunctionTargetOptions & Connections): HttpTarget {
  const { functionNames, logTail = false, asynchronous = false } = options;
  return new HttpTarget({
    ...options,
    paths: functionNames.map(name => `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`),
    headers: {
      'content-type': 'application/json',
      ...(logTail && { 'x-amz-log-type': 'Tail' }),
      ...(asynchronous && { 'x-amz-invocation-type': 'Event' }),
    },
  });
}

/** What the function called its error: `Runtime.ExitError`, `Sandbox.Timedout`, a class of its own. */
export function errorTypeOf(payload: Uint8Array): string | undefined {
  try {
    const { errorType } = JSON.parse(Buffer.from(payload).toString()) as { errorType?: unknown };
    return errorType === undefined ? undefined : String(errorType);
  } catch {
    // It did not answer JSON: whoever asks has another name for it.
    return undefined;
  }
}

/** The code of a connection that failed, else the class of the error: few enough to be counted by name. */
export function nameOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(code ?? name ?? error);
}
