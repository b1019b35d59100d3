import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bus, MESSAGE_BYTES_MAX, type Queue } from '@lambent/bus';
import { isFailure } from '@lambent/core';
import { bytes, openQueue, text, WAIT_MS } from './bus-steps.ts';
import { deliveryPromises, waitPromises } from './queue-delivery-contract.ts';
import {
  boundPromises,
  deduplicationPromises,
  redeliveryPromises,
  replacementPromises,
  restartPromises,
} from './queue-end-contract.ts';

/** A bus of its own for each test, and what a test does to it from outside. */
export interface BusUnderTest extends AsyncDisposable {
  /** Another one after `reopen`. */
  readonly bus: Bus;
  /** Lets the time of delays and redeliveries pass, so many milliseconds of the suite's. */
  pass(ms: number): Promise<void>;
  /** How many real ones a millisecond of the suite's lasts. A real broker's time cannot be moved, but be short. */
  readonly pace: number;
  /** How long it recognises a repeated id, in the suite's milliseconds. */
  readonly deduplicationMs: number;
  /** Whether it recognises repeats of messages that were acknowledged before `reopen`. Default: yes. */
  readonly remembersTheGone?: boolean;
  /** Ends the process that holds the store, as it were, and starts it again. Absent where nothing outlives it. */
  reopen?(): Promise<void>;
}

/** Makes one test of one promise. */
export type BusPromises = (
  what: string,
  hold: (subject: BusUnderTest, queue: Queue) => Promise<void>,
) => void;

const TEST_TIMEOUT_MS = 20_000;

/** The promises of `Bus`, for any adapter. */
export function busContract(name: string, open: () => Promise<BusUnderTest>): void {
  const promise: BusPromises = (what, hold) =>
    void test(`${name}: ${what}`, { timeout: TEST_TIMEOUT_MS }, async () => {
      await using subject = await open();
      await hold(subject, await openQueue(subject));
    });
  subjects(promise);
  requests(promise);
  deliveryPromises(promise);
  waitPromises(promise);
  redeliveryPromises(promise);
  replacementPromises(promise);
  deduplicationPromises(promise);
  boundPromises(promise);
  restartPromises(promise);
}

function subjects(promise: BusPromises): void {
  promise('a message reaches who subscribed to its subject, by name or by wildcard', async ({ bus }) => {
    const heard: string[] = [];
    const patterns = ['a.b.c', 'a.*.c', 'a.>', 'a.b', 'a.b.c.>', '*.b', 'b.>'];
    for (const pattern of patterns)
      bus.subscribe(pattern, ({ subject }) => heard.push(`${pattern} ${subject}`));
    const last = new Promise<void>(resolve => bus.subscribe('last', () => resolve()));
    for (const subject of ['a.b.c', 'a.b', 'a']) bus.publish(subject, bytes(''));
    bus.publish('last', bytes(''));
    await last;
    assert.deepEqual(heard.sort(), [
      '*.b a.b',
      'a.*.c a.b.c',
      'a.> a.b',
      'a.> a.b.c',
      'a.b a.b',
      'a.b.c a.b.c',
    ]);
  });

  promise('a subscription that was disposed of hears nothing more', async ({ bus }) => {
    const heard: string[] = [];
    const subscription = bus.subscribe('a', ({ body }) => heard.push(text(body)));
    const heardBoth = new Promise<void>(resolve => bus.subscribe('b', () => resolve()));
    const ended = subscription[Symbol.asyncDispose]();
    bus.publish('a', bytes('1'));
    bus.publish('b', bytes('1'));
    await heardBoth;
    await ended;
    assert.deepEqual(heard, []);
  });

  promise('what was published before a subscription was disposed of is heard', async ({ bus }) => {
    const heard: string[] = [];
    const subscription = bus.subscribe('a', ({ body }) => heard.push(text(body)));
    for (const body of ['1', '2', '3']) bus.publish('a', bytes(body));
    await subscription[Symbol.asyncDispose]();
    assert.deepEqual(heard, ['1', '2', '3']);
  });

  promise('of those who subscribed with one group, one hears each message', async ({ bus }) => {
    const heard = new Map<string, number>();
    const listen = (name: string, group?: string) =>
      bus.subscribe('work.*', () => heard.set(name, 1 + (heard.get(name) ?? 0)), group ? { group } : {});
    for (const name of ['a', 'b', 'c']) listen(name, 'workers');
    listen('other', 'others');
    listen('all');
    const last = new Promise<void>(resolve => bus.subscribe('last', () => resolve()));
    for (let message = 0; message < 30; message++) bus.publish(`work.${message}`, bytes(''));
    bus.publish('last', bytes(''));
    await last;
    const ofWorkers = ['a', 'b', 'c'].map(name => heard.get(name) ?? 0);
    assert.equal(
      ofWorkers.reduce((sum, count) => sum + count),
      30,
    );
    assert.ok(ofWorkers.filter(count => count > 0).length > 1, 'they share the work');
    assert.deepEqual([heard.get('other'), heard.get('all')], [30, 30]);
  });

  promise('headers come as they were sent, whatever is in them', async ({ bus }) => {
    const headers = { kind: 'plain', 'two words': ' a\r\nb ', ü: '100%\u0000', empty: '', 'Nats-TTL': '1' };
    const heard = new Promise(resolve => bus.subscribe('a', message => resolve(message.headers)));
    bus.publish('a', bytes(''), headers);
    assert.deepEqual({ ...((await heard) as object) }, headers);
  });

  promise('what is too large is not published, and says so', async ({ bus }) => {
    const isTooLarge = (error: unknown) => isFailure(error, 'payload-too-large');
    const body = new Uint8Array(MESSAGE_BYTES_MAX - 1);
    assert.throws(() => bus.publish('a', body), isTooLarge);
    await assert.rejects(bus.request('a', body, { timeoutMs: WAIT_MS }), isTooLarge);
    const heard = new Promise<number>(resolve => bus.subscribe('a', ({ body }) => resolve(body.length)));
    bus.publish('a', body.subarray(1));
    assert.equal(await heard, MESSAGE_BYTES_MAX - 2);
  });

  promise('nobody is called back while publishing, and the message is as it was then', async ({ bus }) => {
    let publishing = true;
    const body = bytes('first');
    const received = new Promise<string>(resolve =>
      bus.subscribe('a', message => {
        assert.equal(publishing, false);
        resolve(`${text(message.body)} ${message.headers['kind']}`);
      }),
    );
    bus.publish('a', body, { kind: 'greeting' });
    body.fill(0);
    publishing = false;
    assert.equal(await received, 'first greeting');
  });
}

function requests(promise: BusPromises): void {
  promise('a request is answered by the first who responds', async ({ bus }) => {
    bus.subscribe('sum.*', message => {
      message.respond(bytes(`${text(message.body)}!`), { by: 'first' });
      message.respond(bytes('again'));
    });
    const answer = await bus.request('sum.a', bytes('hello'), { timeoutMs: 1_000 });
    assert.deepEqual([text(answer.body), answer.headers['by']], ['hello!', 'first']);
    answer.respond(bytes('ignored'));
  });

  promise('a request that nobody hears is link-broken at once', async ({ bus }) => {
    await assert.rejects(bus.request('nobody', bytes(''), { timeoutMs: WAIT_MS }), error =>
      isFailure(error, 'link-broken'),
    );
  });

  promise('a request that nobody answers is a request-timeout', async ({ bus, pass }) => {
    bus.subscribe('silent', () => {});
    const request = bus.request('silent', bytes(''), { timeoutMs: 500 });
    const timedOut = assert.rejects(request, error => isFailure(error, 'request-timeout'));
    await pass(500);
    await timedOut;
  });
}
