import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure, SystemClock, SystemRandom, sleep } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { NatsConnection } from '@lambent/nats';
import { functionLogsContract, startTestNats, waitFor } from '@lambent/testing';
import type { FunctionLogs } from './function-logs.ts';
import { NatsFunctionLogs, type NatsFunctionLogsOptions } from './nats-function-logs.ts';
import { NatsLogStream } from './nats-log-stream.ts';

const CLOCK = new SystemClock();
const GROUP = '/aws/lambda/hello';
const BOUNDS = { maxBytes: 1024 ** 3, maxAgeMs: 3_600_000 };

functionLogsContract('NatsFunctionLogs', async ({ small }) => {
  const stage = await Stage.open(small ? { maxBatchesPerGroup: 15 } : {});
  return {
    get logs() {
      return stage.logs;
    },
    nowMs: () => CLOCK.nowMs(),
    pass: ms => sleep(CLOCK, ms),
    reopen: () => stage.reopen(),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
});

test('what is appended is soon there for every other process, of all who write to a group', async () => {
  await using stage = await Stage.open();
  await using gateway = await stage.another();
  await using worker = await stage.another();
  stage.logs.openStream({ group: GROUP, stream: 'one' }).append('of one');
  worker.logs.openStream({ group: GROUP, stream: 'two' }).append('of two');
  await waitFor('both', async () => (await messages(gateway.logs)).length === 2);
  assert.deepEqual((await messages(gateway.logs)).toSorted(), ['of one', 'of two']);
});

test('while the broker is killed and comes back nothing that is appended is lost or told twice', async () => {
  await using stage = await Stage.open();
  const stream = stage.logs.openStream({ group: GROUP, stream: 's' });
  const expected = Array.from({ length: 3_000 }, (_, number) => `record ${number}`);
  const ended = stage.engine.server.kill9();
  for (const message of expected) {
    stream.append(message);
    if (message === 'record 1000') await ended;
    else if (message.endsWith('00')) await sleep(CLOCK, 10);
  }
  await assert.rejects(stage.logs.flush(), error => isFailure(error, 'storage-failed'));
  assert.equal(stage.failures.length, 1, 'an outage is told once');
  await stage.restart();
  await waitFor('the records', async () => (await messages(stage.logs)).length >= expected.length);
  assert.deepEqual(await messages(stage.logs), expected);
});

test('a batch that the broker got twice is read once', async () => {
  await using stage = await Stage.open();
  const stream = stage.logs.openStream({ group: GROUP, stream: 's' });
  for (const message of ['one', 'two']) {
    stream.append(message);
    await stage.logs.flush();
  }
  const subject = 'test.logs.%2Faws%2Flambda%2Fhello';
  const again = await stage.connection.manager.streams.getMessage('test-logs', { last_by_subj: subject });
  assert(again);
  await stage.connection.jetstream.publish(subject, again.data);
  stream.append('three');
  assert.deepEqual(await messages(stage.logs), ['one', 'two', 'three']);
});

test('while the broker is away what waits is bounded: the oldest go, and are counted', async () => {
  await using stage = await Stage.open({ bufferBytes: 200_000 });
  const stream = stage.logs.openStream({ group: GROUP, stream: 's' });
  stream.append('before');
  await stage.logs.flush();
  await stage.engine.server.kill9();
  for (let number = 0; number < 1_000; number += 1) stream.append(`record ${number} ${'x'.repeat(1_000)}`);
  await stage.restart();
  await waitFor('the last', async () => (await messages(stage.logs)).at(-1)?.startsWith('record 999 '));
  const [before, notice = '', ...kept] = await messages(stage.logs);
  assert.equal(before, 'before');
  assert.match(notice, new RegExp(`^\\[lambent\\] ${1_000 - kept.length} older log records were dropped`));
  assert.ok(kept.length > 10 && kept.length < 200, `${kept.length} kept`);
});

test('a follower goes on where it was when the broker comes back', async () => {
  await using stage = await Stage.open();
  await using gateway = await stage.another();
  const stream = stage.logs.openStream({ group: GROUP, stream: 's' });
  stream.append('before');
  await stage.logs.flush();
  const following = gateway.logs.read(GROUP, { follow: true })[Symbol.asyncIterator]();
  assert.equal((await following.next()).value?.message, 'before');
  const next = following.next();
  await stage.engine.server.kill9();
  stream.append('meanwhile');
  await stage.restart();
  assert.equal((await next).value?.message, 'meanwhile');
});

test('a reader that does not follow is told when the broker is away', async () => {
  await using stage = await Stage.open();
  await stage.engine.server.kill9();
  await assert.rejects(messages(stage.logs), error => isFailure(error, 'storage-failed'));
});

test('appending never throws: nor without a connection, nor after the end', async () => {
  await using stage = await Stage.open();
  const stream = stage.logs.openStream({ group: GROUP, stream: 's' });
  await stage.connection[Symbol.asyncDispose]();
  stream.append('nowhere to go');
  await assert.rejects(stage.logs.flush(), error => isFailure(error, 'storage-failed'));
  await stage.logs[Symbol.asyncDispose]();
  stream.append('too late');
});

test('a message that no Lambent wrote is passed over', async () => {
  await using stage = await Stage.open();
  await stage.connection.jetstream.publish('test.logs.%2Faws%2Flambda%2Fhello', 'what is this');
  stage.logs.openStream({ group: GROUP, stream: 's' }).append('ours');
  assert.deepEqual(await messages(stage.logs), ['ours']);
});

test('a place in time is found: what was stored before it is not read', async () => {
  await using stage = await Stage.open();
  const stream = stage.logs.openStream({ group: GROUP, stream: 's' });
  const places = await NatsLogStream.open(stage.connection, BOUNDS);
  for (const message of ['one', 'two']) {
    stream.append(message);
    await stage.logs.flush();
  }
  await sleep(CLOCK, 20);
  const betweenMs = CLOCK.nowMs();
  await sleep(CLOCK, 20);
  stream.append('three');
  await stage.logs.flush();
  assert.deepEqual(await places.placeAt(GROUP, betweenMs), { sequence: 3, batches: 1 });
  assert.deepEqual(await places.placeAt(GROUP, CLOCK.nowMs() + 60_000), { sequence: 4, batches: 0 });
  assert.equal((await places.placeAt(GROUP, 0)).batches, 3);
  const { state } = await stage.connection.manager.streams.info('test-logs');
  assert.equal(state.consumer_count, 0);
});

async function messages(logs: FunctionLogs): Promise<string[]> {
  return (await Array.fromAsync(logs.read(GROUP, {}))).map(({ message }) => message);
}

/** A broker of its own, and function logs on it. */
class Stage implements AsyncDisposable {
  readonly engine: Awaited<ReturnType<typeof startTestNats>>;
  readonly failures: unknown[] = [];
  readonly #options: Partial<NatsFunctionLogsOptions>;
  connection!: NatsConnection;
  logs!: NatsFunctionLogs;

  private constructor(engine: Stage['engine'], options: Partial<NatsFunctionLogsOptions>) {
    this.engine = engine;
    this.#options = options;
  }

  static async open(options: Partial<NatsFunctionLogsOptions> = {}): Promise<Stage> {
    const stage = new Stage(await startTestNats(), options);
    ({ connection: stage.connection, logs: stage.logs } = await stage.another());
    return stage;
  }

  /** As another process has them. */
  async another() {
    const connection = await NatsConnection.open({
      servers: [this.engine.url],
      name: 'test',
      cluster: 'test',
      clusterId: 'own',
      clock: CLOCK,
      logger: createLogger({ level: 'silent', service: 'test' }),
    });
    const logs = await NatsFunctionLogs.open({
      connection,
      clock: CLOCK,
      random: new SystemRandom(),
      ...BOUNDS,
      ...this.#options,
      failed: error => this.failures.push(error),
    });
    return {
      connection,
      logs,
      async [Symbol.asyncDispose]() {
        await logs[Symbol.asyncDispose]();
        await connection[Symbol.asyncDispose]();
      },
    };
  }

  async reopen(): Promise<void> {
    await this.logs[Symbol.asyncDispose]();
    await this.connection[Symbol.asyncDispose]();
    ({ connection: this.connection, logs: this.logs } = await this.another());
  }

  /** As a power cut would. */
  async restart(): Promise<void> {
    await this.engine.restart();
    await waitFor('the connection', () => this.connection.state === 'connected');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.logs[Symbol.asyncDispose]();
    await this.connection[Symbol.asyncDispose]();
    await this.engine[Symbol.asyncDispose]();
  }
}
