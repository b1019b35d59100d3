import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery, Queue } from '@lambent/bus';
import { SimulatedClock } from '@lambent/core';
import { createLogger, nullTelemetry } from '@lambent/daemon';
import { encodeAsyncInvocation, type Resolution } from '@lambent/functions';
import type { AttemptTools } from './attempt.ts';
import { Partition } from './partition.ts';

const WINDOW = 32;
/** To find out how long it runs, and for those that came too soon to come again. */
const BEGIN_MS = 5_000;
const HOT_EVENTS = 2_000;

test('one event behind 2,000 of another function starts at once', async () => {
  await using stage = openStage({ runMs: 5_000 });
  stage.accept('hot', HOT_EVENTS);
  stage.accept('quiet', 1);
  await stage.pass(1_000);
  assert.ok(stage.started.some(({ name }) => name === 'quiet'));
  assert.equal(stage.runningMax('hot'), WINDOW / 4);
  // And so does one that comes while the others come again and again.
  await stage.pass(60_000);
  stage.accept('late', 1);
  await stage.pass(1_000);
  assert.ok(stage.started.some(({ name }) => name === 'late'));
});

for (const runMs of [100, 5_000])
  test(`of a function that holds its share and runs for ${runMs} ms, no place stays empty for long`, async () => {
    await using stage = openStage({ runMs });
    const atBestMs = (HOT_EVENTS / (WINDOW / 4)) * runMs;
    stage.accept('hot', HOT_EVENTS);
    await stage.pass(BEGIN_MS + 1.5 * atBestMs);
    assert.equal(stage.started.length, HOT_EVENTS);
    // Whoever has long to wait is looked at each five minutes.
    assert.ok(stage.deliveries() < 6 * HOT_EVENTS, `looked at ${stage.deliveries()} times`);
  });

/** One partition on a model of a queue, and functions that run for as long as is said. */
function openStage({ runMs }: { runMs: number }) {
  const clock = new SimulatedClock();
  const queue = new ModelQueue(clock);
  const started: { name: string }[] = [];
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  const count = (name: string, by: number) => {
    running.set(name, (running.get(name) ?? 0) + by);
    most.set(name, Math.max(most.get(name) ?? 0, running.get(name) ?? 0));
  };
  const closing = new AbortController();
  const tools: Omit<AttemptTools, 'share'> = {
    clock,
    catalog: {
      resolve: ({ name }) =>
        ({ kind: 'found', record: { id: name }, spec: { name } }) as unknown as Resolution,
      forget: () => undefined,
    },
    invoker: {
      async invoke({ requestId }) {
        const name = requestId.split(' ')[0] ?? '';
        started.push({ name });
        count(name, 1);
        await new Promise<void>(resolve => clock.setTimer(runMs, resolve));
        count(name, -1);
        const outcome = { kind: 'ok', payload: Buffer.of() } as const;
        return { outcome, logTail: Buffer.of(), metering: undefined };
      },
    },
    wishOf: async () => undefined,
    logger: createLogger({ level: 'silent', service: 'events' }),
    telemetry: nullTelemetry(),
    config: {
      windowMax: WINDOW,
      startWaitMs: 1_000,
      maxAgeMs: 21_600_000,
      firstRetryMs: 1,
      secondRetryMs: 1,
    },
    closing: closing.signal,
    gone: closing.signal,
    dropped: () => undefined,
  };
  const partition = Partition.start({ queue, windowMax: WINDOW, tools });
  return {
    started,
    accept(name: string, events: number) {
      for (let event = 0; event < events; event++) queue.accept(name, `${name} ${event}`);
    },
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 100) await clock.advance(100);
    },
    runningMax: (name: string) => most.get(name),
    deliveries: () => queue.deliveries,
    async [Symbol.asyncDispose]() {
      closing.abort();
      for (let passed = 0; passed < runMs + 100; passed += 100) await clock.advance(100);
      await partition.emptied;
    },
  };
}

interface ModelMessage extends ReturnType<typeof encodeAsyncInvocation> {
  readonly acceptedMs: number;
  dueMs: number;
  deliveryCount: number;
}

/** In order of due time, as the port promises; a pull takes a moment. */
class ModelQueue implements Queue {
  deliveries = 0;
  readonly #clock: SimulatedClock;
  #messages: ModelMessage[] = [];

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  accept(name: string, requestId: string): void {
    const acceptedMs = this.#clock.monotonicMs();
    const invocation = { requestId, functionId: name, name, invokedArn: 'arn', attempt: 1 };
    const message = encodeAsyncInvocation({ ...invocation, firstAcceptedAtMs: 0, payload: Buffer.of() });
    this.#messages.push({ ...message, acceptedMs, dueMs: acceptedMs, deliveryCount: 0 });
  }

  async pull({ max }: { max: number }): Promise<readonly Delivery[]> {
    await new Promise<void>(resolve => this.#clock.setTimer(PULL_MS, resolve));
    const nowMs = this.#clock.monotonicMs();
    const due = this.#messages.filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
    const taken = new Set(due.slice(0, max));
    this.#messages = this.#messages.filter(message => !taken.has(message));
    this.deliveries += taken.size;
    return [...taken].map(message => this.#delivery(message));
  }

  async enqueue(): Promise<void> {}

  async depth() {
    return { messages: this.#messages.length, inFlight: 0, oldestAgeMs: 0 };
  }

  #delivery(message: ModelMessage): Delivery {
    const clock = this.#clock;
    message.deliveryCount += 1;
    return {
      ...message,
      ageMs: clock.monotonicMs() - message.acceptedMs,
      acknowledge: async () => {},
      replace: async () => {},
      extend: async () => {},
      release: async ({ delayMs = 0 } = {}) => {
        this.#messages.push({ ...message, dueMs: clock.monotonicMs() + delayMs });
      },
    };
  }
}

const PULL_MS = 5;
