import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import type { Handlers } from './aws-service.ts';
import { loadLambdaSchemas } from './lambda/lambda-service.ts';
import { serve } from './testing/served-lambda.ts';

const REQUESTS = 1_500;
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_123);

const PIECES = [
  'functions',
  '2015-03-31',
  '..',
  '',
  '%2F',
  '%',
  '%00',
  'arn:aws:lambda',
  'ünï',
  '{FunctionName}',
  '$LATEST',
];
const VALUES = [
  'null',
  '0',
  '-1',
  '1e400',
  '1.5',
  'true',
  '""',
  '"AA=="',
  '[]',
  '{}',
  '[null]',
  '{"__proto__":{}}',
  '"\\ud800"',
];

/** Requests that are nearly right: most of them must get past routing to be worth anything. */
class Fuzzer {
  readonly #random: SeededRandom;
  readonly #operations: readonly { method: string; uri: string; members: readonly string[] }[];

  constructor(seed: number, operations: Fuzzer['operations']) {
    this.#random = new SeededRandom(seed);
    this.#operations = operations;
  }

  get operations() {
    return this.#operations;
  }

  next(): { method: string; target: string; headers: Record<string, string>; body: string | undefined } {
    const { method, uri, members } = this.#pick(this.#operations);
    const target = uri
      .replaceAll(/\{\w+\}/g, () => encodeURI(this.#text()))
      .replace('/', () => (this.#chance(0.05) ? '//' : '/'));
    const query = Array.from(
      { length: this.#upTo(3) },
      () => `${this.#pick(members)}=${encodeURIComponent(this.#text())}`,
    );
    const joint = target.includes('?') ? '&' : '?';
    return {
      method: this.#chance(0.05) ? 'PATCH' : method,
      target: query.length > 0 ? target + joint + query.join('&') : target,
      headers: this.#chance(0.3) ? { 'x-amz-invocation-type': 'Sideways', 'content-type': 'text/odd' } : {},
      body: method === 'GET' ? undefined : this.#body(members),
    };
  }

  #body(members: readonly string[]): string {
    const object = `{${Array.from({ length: this.#upTo(6) }, () => `"${this.#pick(members)}":${this.#value(3)}`).join(',')}}`;
    return this.#chance(0.1) ? object.slice(0, this.#upTo(object.length)) : object;
  }

  #value(depth: number): string {
    if (depth === 0 || this.#chance(0.5)) return this.#pick(VALUES);
    if (this.#chance(0.5)) return `[${this.#value(depth - 1)},${this.#value(depth - 1)}]`;
    return `{"${this.#pick(PIECES)}":${this.#value(depth - 1)},"Variables":${this.#value(depth - 1)}}`;
  }

  #text(): string {
    return this.#chance(0.5) ? 'hello' : this.#pick(PIECES) + this.#pick(PIECES);
  }

  #chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }

  #upTo(count: number): number {
    return Math.floor(this.#random.fraction() * (count + 1));
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random.fraction() * items.length)] as T;
  }
}

test(`no request makes the server fail or hang (seed ${SEED})`, async () => {
  const { operations } = await loadLambdaSchemas();
  const handlers: Handlers = Object.fromEntries(
    Array.from(operations.keys(), name => [name, async () => ({})]),
  );
  await using served = await serve(handlers as Parameters<typeof serve>[0]);
  const fuzzer = new Fuzzer(
    SEED,
    Array.from(operations.values(), ({ http, input }) => ({
      method: http?.method ?? '',
      uri: http?.uri ?? '',
      members: input.isStructSchema() ? Array.from(input.structIterator(), ([name]) => name) : ['None'],
    })),
  );
  const statuses = new Map<number, number>();
  for (let i = 0; i < REQUESTS; i += 1) {
    const { method, target, headers, body } = fuzzer.next();
    const answer = await fetch(served.url + target, { method, headers, body: body ?? null });
    await answer.arrayBuffer();
    assert.ok(answer.status < 500, `${method} ${target} ${body} was answered with ${answer.status}`);
    assert.match(String(answer.headers.get('x-amzn-requestid')), /^[0-9a-f-]{36}$/);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  }
  assert.deepEqual(served.errors, []);
  for (const status of [200, 400, 403])
    assert.ok((statuses.get(status) ?? 0) > REQUESTS / 50, `too few of ${status}`);
});
