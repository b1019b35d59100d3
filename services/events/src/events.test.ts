import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqliteBus } from '@lambent/bus';
import { fail, type Outcome, SystemClock } from '@lambent/core';
import { createLogger, nullTelemetry } from '@lambent/daemon';
import { type AsyncInvocation, AsyncQueues, type Resolution } from '@lambent/functions';
import type { Completion, Invocation } from '@lambent/router';
import { SqliteStore } from '@lambent/sqlite';
import { waitFor } from '@lambent/testing';
import type { EventsConfig } from './config.ts';
import { Events } from './events.ts';

const CLOCK = new SystemClock();
const CONFIG: EventsConfig = {
  windowMax: 8,
  startWaitMs: 200,
  firstRetryMs: 10,
  secondRetryMs: 20,
  maxAgeMs: 3_600_000,
};
const OK: Outcome = { kind: 'ok', payload: Buffer.from('null') };
const FAILED: Outcome = { kind: 'unhandled', errorType: 'Error', payload: Buffer.from('{}') };

test('an accepted event runs once and is gone', async () => {
  await using stage = await openStage(() => OK);
  await stage.accept('a');
  await stage.emptied();
  assert.deepEqual(stage.runs, ['a 1']);
});

test('a function error is run three times with the same request id and counted attempts, then dropped', async () => {
  await using stage = await openStage(() => FAILED);
  await stage.accept('a');
  await stage.emptied();
  assert.deepEqual(stage.runs, ['a 1', 'a 2', 'a 3']);
});

test('an attempt that succeeds ends the retries', async () => {
  await using stage = await openStage(({ attempt }) => (attempt === 2 ? OK : FAILED));
  await stage.accept('a');
  await stage.emptied();
  assert.deepEqual(stage.runs, ['a 1', 'a 2']);
});

test('a start that fails is tried again without using up a retry', async () => {
  let refusals = 0;
  await using stage = await openStage(() => {
    if (refusals++ === 0) throw fail('limit-reached');
    return OK;
  });
  await stage.accept('a');
  await stage.emptied();
  assert.deepEqual(stage.runs, ['a 1', 'a 1']);
});

test('an event of a deleted function is dropped without a run', async () => {
  await using stage = await openStage(() => OK);
  await stage.accept('a', { functionId: 'an-earlier-life' });
  await stage.emptied();
  assert.deepEqual(stage.runs, []);
});

test('an event that is too old is attempted once, and dropped if that fails or cannot start', async () => {
  await using stage = await openStage(
    ({ requestId }) => {
      if (requestId === 'refused') throw fail('limit-reached');
      return requestId === 'fails' ? FAILED : OK;
    },
    { maxAgeMs: 0 },
  );
  for (const requestId of ['runs', 'fails', 'refused']) await stage.accept(requestId);
  await stage.emptied();
  assert.deepEqual(stage.runs.toSorted(), ['fails 1', 'refused 1', 'runs 1']);
});

test("how old an event is says the queue, and not the clock of the gateway or the service's own", async () => {
  await using stage = await openStage(() => OK);
  for (const aheadMs of [-2, 2].map(times => times * CONFIG.maxAgeMs))
    await stage.accept(`${aheadMs}`, { firstAcceptedAtMs: CLOCK.nowMs() + aheadMs });
  await stage.emptied();
  assert.equal(stage.runs.length, 2);
});

test('a message that no gateway wrote is dropped and stops nothing', async () => {
  await using stage = await openStage(() => OK);
  await stage.asyncQueues.queues[0]?.enqueue({ id: 'junk', body: Buffer.from('?'), headers: {} });
  await stage.accept('a');
  await stage.emptied();
  assert.deepEqual(stage.runs, ['a 1']);
});

test('closing lets what runs finish and leaves the rest to the queue', async () => {
  const { promise: held, resolve: finish } = Promise.withResolvers<Outcome>();
  const stage = await openStage(() => held);
  await stage.accept('a');
  await waitFor('the run to begin', () => stage.runs.length === 1);
  const closed = stage.events[Symbol.asyncDispose]();
  await stage.accept('b');
  finish(OK);
  await closed;
  assert.deepEqual(stage.runs, ['a 1']);
  assert.equal((await stage.asyncQueues.depth()).messages, 1);
  await stage[Symbol.asyncDispose]();
});

test('closing does not wait for ever, and what did not finish comes again', async () => {
  const stage = await openStage(() => new Promise<Outcome>(() => undefined), { drainTimeoutMs: 50 });
  await stage.accept('a');
  await waitFor('the run to begin', () => stage.runs.length === 1);
  await stage.events[Symbol.asyncDispose]();
  assert.equal((await stage.asyncQueues.depth()).messages, 1);
  await stage[Symbol.asyncDispose]();
});

test('closing hands back at once what has not started, for whoever pulls next', async () => {
  const held = Promise.withResolvers<Outcome>();
  const stage = await openStage(({ requestId, signal }) =>
    requestId === 'runs' ? held.promise : noRoomUntil(signal),
  );
  await stage.accept('runs');
  await stage.accept('waits for an environment');
  await waitFor('both to be asked for', () => stage.runs.length === 2);
  const closed = stage.events[Symbol.asyncDispose]();
  await stage.inFlight(1);
  const pulled = await stage.asyncQueues.queues[0]?.pull({ max: 8, waitMs: 0 });
  assert.deepEqual(
    pulled?.map(({ id }) => id),
    ['waits for an environment'],
  );
  held.resolve(OK);
  await closed;
  await stage[Symbol.asyncDispose]();
});

test('every partition has a window of its own, and together they have the whole', async () => {
  const stage = await openStage(() => new Promise<Outcome>(() => undefined), {
    partitions: 4,
    drainTimeoutMs: 50,
  });
  for (let index = 0; index < 40; index++) await stage.accept(`${index}`, { functionId: `f-${index}` });
  await stage.inFlight(CONFIG.windowMax);
  for (const queue of stage.asyncQueues.queues)
    assert.equal((await queue.depth()).inFlight, CONFIG.windowMax / 4);
  await stage[Symbol.asyncDispose]();
});

test('a function that hangs holds a quarter of the window, and others run beside it', async () => {
  const stage = await openStage(
    ({ invokedArn }) => (invokedArn === 'hangs' ? new Promise<Outcome>(() => undefined) : OK),
    { drainTimeoutMs: 50 },
  );
  for (let index = 0; index < 20; index++)
    await stage.accept(`h${index}`, { invokedArn: 'hangs', functionId: 'f-hangs' });
  await stage.accept('a');
  await waitFor('the other function', () => stage.runs.includes('a 1'));
  assert.equal(stage.runs.filter(run => run.startsWith('h')).length, CONFIG.windowMax / 4);
  await stage[Symbol.asyncDispose]();
});

type Script = (invocation: Invocation) => Outcome | Promise<Outcome>;

/** As a router that finds nobody to take an invocation. */
function noRoomUntil(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(fail('no-capacity')), { once: true });
  });
}

/** The events service on a real queue, with a hand-made invoker. */
async function openStage(
  script: Script,
  options: {
    drainTimeoutMs?: number;
    partitions?: number;
    maxAgeMs?: number;
  } = {},
) {
  const store = await SqliteStore.open({ file: ':memory:' });
  const bus = await SqliteBus.open({ store, clock: CLOCK });
  const asyncQueues = await AsyncQueues.open(bus, {
    partitions: options.partitions ?? 1,
    maxMessages: 1_000,
  });
  const runs: string[] = [];
  const events = Events.start({
    asyncQueues,
    catalog: {
      resolve: ({ name }) => ({ kind: 'found', record: { id: name } }) as unknown as Resolution,
      forget: () => undefined,
    },
    invoker: {
      async invoke(invocation): Promise<Completion> {
        runs.push(`${invocation.requestId} ${invocation.attempt}`);
        return { outcome: await script(invocation), logTail: Buffer.of(), metering: undefined };
      },
    },
    wishOf: async () => undefined,
    clock: CLOCK,
    logger: createLogger({ level: 'silent', service: 'events' }),
    telemetry: nullTelemetry(),
    config: { ...CONFIG, maxAgeMs: options.maxAgeMs ?? CONFIG.maxAgeMs },
    drainTimeoutMs: options.drainTimeoutMs ?? 5_000,
  });
  const accept = (requestId: string, more: Partial<AsyncInvocation> = {}) => {
    const functionId = more.functionId ?? 'f-1';
    const invocation = {
      requestId,
      functionId,
      // The double's catalog takes the name for the id; an earlier life of a function has another.
      name: functionId === 'an-earlier-life' ? 'f-1' : functionId,
      invokedArn: 'arn',
      attempt: 1,
      firstAcceptedAtMs: CLOCK.nowMs(),
      payload: Buffer.from('{}'),
      ...more,
    };
    return asyncQueues.enqueue(invocation);
  };
  return {
    runs,
    asyncQueues,
    events,
    accept,
    /** Waits until so many are pulled and not settled. */
    inFlight: (count: number) =>
      waitFor(`${count} in flight`, async () => (await asyncQueues.depth()).inFlight === count),
    emptied: () => waitFor('the queue to empty', async () => (await asyncQueues.depth()).messages === 0),
    async [Symbol.asyncDispose]() {
      await events[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
