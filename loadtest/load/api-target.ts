import { Pool } from 'undici';
import { nameOf } from './http-target.ts';
import type { Outcome } from './outcome.ts';
import type { Target } from './target.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: string;
}

export interface ApiTargetOptions {
  readonly name: string;
  readonly origin: string;
  readonly connectionsMax: number;
  /** After which a request that was not answered is an error. */
  readonly patienceMs: number;
  /** Runs one call; `send` resolves with what was answered, and throws where it was not well answered. */
  readonly call: (send: (request: ApiRequest) => Promise<Buffer>) => Promise<void>;
}

/** Requests other than an invocation, over connections that are kept. */
export class ApiTarget implements Target {
  readonly name: string;
  readonly #call: ApiTargetOptions['call'];
  readonly #pool: Pool;

  constructor({ name, origin, connectionsMax, patienceMs, call }: ApiTargetOptions) {
    this.name = name;
    this.#call = call;
    this.#pool = new Pool(origin, {
      connections: connectionsMax,
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
      connectTimeout: patienceMs,
    });
  }

  async call(): Promise<Outcome> {
    try {
      await this.#call(request => this.send(request));
      return { kind: 'ok', cold: false };
    } catch (error) {
      return { kind: 'error', error: error instanceof ApiRefusal ? error.message : nameOf(error) };
    }
  }

  async send({ method, path, body }: ApiRequest): Promise<Buffer> {
    const headers = { 'content-type': 'application/json' };
    const answer = await this.#pool.request({ method, path, headers, ...(body && { body }) });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode < 300) return bytes;
    throw new ApiRefusal(`${answer.statusCode} ${answer.headers['x-amzn-errortype'] ?? ''}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}

class ApiRefusal extends Error {}
