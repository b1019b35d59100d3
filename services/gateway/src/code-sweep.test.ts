import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import type { BlobInfo, Blobs, StoredBlob } from '@lambent/blobs';
import { type Clock, fail, isFailure, SimulatedClock, SystemClock } from '@lambent/core';
import { createLogger, nullTelemetry } from '@lambent/daemon';
import { SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import { waitFor, zipOf } from '@lambent/testing';
import { CodeSweep, sweepCode } from './code-sweep.ts';
import { CREATE, openTestGateway, type TestGateway } from './open-test-gateway.ts';

const NEVER = { signal: new AbortController().signal };
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const ZIP = CREATE.Code?.ZipFile ?? new Uint8Array();
const OTHER_ZIP = await zipOf({ 'index.js': 'exports.handler = async () => 2;' });

suite('a sweep of code packages', () => {
  test('the package of a deleted function goes, and a create stores it again', async () => {
    await using open = await openTestGateway();
    await open.client.send(new CreateFunctionCommand(CREATE));
    assert.deepEqual(await sweepAfter(open, HOUR_MS), { deleted: 0, deletedBytes: 0, kept: 1, failed: 0 });
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    const swept = await sweepAfter(open, HOUR_MS);
    assert.deepEqual(swept, { deleted: 1, deletedBytes: ZIP.length, kept: 0, failed: 0 });
    assert.equal(await open.blobs.stat(digestOf(ZIP)), undefined);
    await open.client.send(new CreateFunctionCommand(CREATE));
    assert.notEqual(await open.blobs.stat(digestOf(ZIP)), undefined);
  });

  test('a package that two functions share stays while one of them is left', async () => {
    await using open = await openTestGateway();
    for (const FunctionName of ['f', 'g'])
      await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName }));
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    assert.equal((await sweepAfter(open, HOUR_MS)).kept, 1);
    const { Code } = await open.client.send(new GetFunctionCommand({ FunctionName: 'g' }));
    assert.equal((await fetch(Code?.Location ?? '')).status, 200);
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'g' }));
    assert.equal((await sweepAfter(open, HOUR_MS)).deleted, 1);
  });

  test('a published version keeps its package when $LATEST has moved on, until it is deleted', async () => {
    await using open = await openTestGateway();
    await open.client.send(new CreateFunctionCommand(CREATE));
    await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
    await open.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile: OTHER_ZIP }));
    assert.equal((await sweepAfter(open, HOUR_MS)).kept, 2);
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f', Qualifier: '1' }));
    assert.equal((await sweepAfter(open, HOUR_MS)).deleted, 1);
    assert.equal(await open.blobs.stat(digestOf(ZIP)), undefined);
    assert.notEqual(await open.blobs.stat(digestOf(OTHER_ZIP)), undefined);
  });

  test('an update leaves the replaced package to the sweep', async () => {
    await using open = await openTestGateway();
    await open.client.send(new CreateFunctionCommand(CREATE));
    await open.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile: OTHER_ZIP }));
    assert.equal((await sweepAfter(open, HOUR_MS)).deleted, 1);
    assert.notEqual(await open.blobs.stat(digestOf(OTHER_ZIP)), undefined);
  });

  test('an upload under way is kept for ten minutes', async () => {
    await using open = await openTestGateway();
    await open.blobs.put(ZIP);
    assert.equal((await sweepAfter(open, 9 * MINUTE_MS)).kept, 1);
    assert.equal((await sweepAfter(open, 11 * MINUTE_MS)).deleted, 1);
  });

  test('a package put again after the records were read is kept, however old it was', async () => {
    await using stage = await Stage.open();
    stage.blobs.hold('a', stage.clock.nowMs() - HOUR_MS);
    stage.blobs.beforeDelete = async digest => stage.blobs.hold(digest, stage.clock.nowMs());
    assert.equal((await sweepCode(stage, NEVER)).kept, 1);
  });

  test('a record that cannot be read keeps everything', async () => {
    await using stage = await Stage.open();
    stage.blobs.hold('a', 0);
    const write = [{ kind: 'put' as const, key: 'functions/0/f', value: Buffer.from('{}') }];
    await stage.registry.transact({ compare: [], write });
    await assert.rejects(sweepCode(stage, NEVER), error => isFailure(error, 'record-unreadable'));
    assert.deepEqual(stage.blobs.digests, ['a']);
  });

  test('a package that cannot be deleted does not keep the others', async () => {
    await using stage = await Stage.open();
    for (const digest of ['a', 'b', 'c']) stage.blobs.hold(digest, 0);
    stage.blobs.beforeDelete = async digest => {
      if (digest === 'b') throw fail('storage-failed', { detail: 'as the test says' });
    };
    const { failure, ...counts } = await sweepCode(stage, NEVER);
    assert.deepEqual(counts, { deleted: 2, deletedBytes: 2, kept: 0, failed: 1 });
    assert.ok(isFailure(failure, 'storage-failed'));
    assert.deepEqual(stage.blobs.digests, ['b']);
  });
});

suite('the sweeps of a gateway', () => {
  test('come at its start and then at every interval, also after one that failed', async () => {
    await using stage = await Stage.open();
    stage.blobs.hold('a', 0);
    await using _sweep = stage.startSweep();
    await stage.rested();
    assert.deepEqual(stage.blobs.digests, []);

    stage.blobs.hold('b', 0);
    stage.blobs.broken = true;
    await stage.clock.advance(HOUR_MS);
    await stage.rested();
    assert.deepEqual(stage.blobs.digests, ['b']);

    stage.blobs.broken = false;
    await stage.clock.advance(HOUR_MS - 1);
    assert.deepEqual(stage.blobs.digests, ['b']);
    await stage.clock.advance(1);
    await stage.rested();
    assert.deepEqual(stage.blobs.digests, []);
  });

  test('end with it: one under way deletes no further package, and no timer is left', async () => {
    await using stage = await Stage.open();
    for (const digest of ['a', 'b']) stage.blobs.hold(digest, 0);
    const deleting = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    stage.blobs.beforeDelete = () => {
      deleting.resolve();
      return release.promise;
    };
    const sweep = stage.startSweep();
    await deleting.promise;
    const closed = sweep[Symbol.asyncDispose]();
    release.resolve();
    await closed;
    await sweep[Symbol.asyncDispose]();
    assert.deepEqual(stage.blobs.digests, ['b']);
    assert.equal(stage.clock.pendingTimers, 0);
  });

  test('are the gateway’s own', async () => {
    await using open = await openTestGateway({ codeSweepMs: 10 });
    await open.blobs.put(ZIP);
    await open.age(digestOf(ZIP), HOUR_MS);
    await waitFor('the package is swept', async () => (await open.blobs.stat(digestOf(ZIP))) === undefined);
  });
});

/** A sweep so much later. */
async function sweepAfter({ registry, blobs }: TestGateway, delayMs: number) {
  const later = {
    list: () => blobs.list(),
    delete: blobs.delete.bind(blobs),
    nowMs: async () => (await blobs.nowMs()) + delayMs,
  };
  return sweepCode({ registry, blobs: later }, NEVER);
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A registry without functions, and blobs that do as the test says. */
class Stage implements AsyncDisposable {
  readonly clock = new SimulatedClock();
  readonly blobs = new ScriptedBlobs(this.clock);
  readonly registry: SqliteRegistry;
  readonly #stack: AsyncDisposableStack;

  private constructor(registry: SqliteRegistry, stack: AsyncDisposableStack) {
    this.registry = registry;
    this.#stack = stack;
  }

  static async open(): Promise<Stage> {
    const stack = new AsyncDisposableStack();
    const store = stack.use(await SqliteStore.open({ file: ':memory:' }));
    return new Stage(stack.use(await SqliteRegistry.open({ store, clock: new SystemClock() })), stack);
  }

  startSweep(): CodeSweep {
    const logger = createLogger({ level: 'silent', service: 'gateway' });
    const { registry, blobs, clock } = this;
    return CodeSweep.start({
      registry,
      blobs,
      clock,
      logger,
      telemetry: nullTelemetry(),
      everyMs: HOUR_MS,
    });
  }

  /** The sweep under way is over, and waits for the next. */
  rested(): Promise<boolean> {
    return waitFor('a sweep is over', () => this.clock.pendingTimers === 1);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

class ScriptedBlobs implements Blobs {
  broken = false;
  beforeDelete: (digest: string) => Promise<void> = async () => {};
  readonly #clock: Clock;
  readonly #held = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get digests(): string[] {
    return [...this.#held.keys()];
  }

  hold(digest: string, storedAtMs: number): void {
    this.#held.set(digest, storedAtMs);
  }

  async *list(): AsyncGenerator<StoredBlob> {
    if (this.broken) throw fail('storage-failed', { detail: 'as the test says' });
    for (const [digest, storedAtMs] of this.#held) yield { digest, bytes: 1, storedAtMs };
  }

  async delete(digest: string, { storedBeforeMs }: { readonly storedBeforeMs: number }): Promise<boolean> {
    await this.beforeDelete(digest);
    if ((this.#held.get(digest) ?? storedBeforeMs) >= storedBeforeMs) return false;
    return this.#held.delete(digest);
  }

  async nowMs(): Promise<number> {
    return this.#clock.nowMs();
  }

  put(): Promise<BlobInfo> {
    throw new Error('nobody puts here');
  }

  read(): never {
    throw new Error('nobody reads here');
  }

  stat(): Promise<BlobInfo | undefined> {
    throw new Error('nobody asks here');
  }
}
