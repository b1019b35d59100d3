import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SystemClock } from '@lambent/core';
import { type Registry, SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import { published, withLatest } from './function-changes.ts';
import type { FunctionRecord } from './function-record.ts';
import { FunctionStore } from './function-store.ts';
import { LayerStore } from './layer-store.ts';
import { namedCode } from './named-code.ts';
import { ACCOUNT, random, sample, stamp } from './sample-function.ts';

const NEVER = { signal: new AbortController().signal };
const NOBODY = { written: () => {}, deleted: () => {} };

suite('the packages that are named', () => {
  test('are those of every function and published version, over all pages and accounts', async () => {
    await using open = await openStore();
    for (let number = 0; number < 250; number++) {
      await open.store.create(withCode(sample(`f${number}`), digest(number)));
    }
    await publish(open.store, 'f0');
    await update(open.store, 'f0', digest(1_000));
    const elsewhere = storeOf(open.registry, '111111111111');
    await elsewhere.create({ ...withCode(sample('f'), digest(2_000)), accountId: '111111111111' });
    const wanted = [
      ...Array.from({ length: 250 }, (_, number) => digest(number)),
      digest(1_000),
      digest(2_000),
    ];
    assert.deepEqual([...(await namedCode(open.registry, NEVER))].toSorted(), wanted.toSorted());
  });

  test('one that moves from $LATEST to a version while it is read is among them', async () => {
    await using open = await openStore();
    await open.store.create(withCode(sample('f'), digest(1)));
    let reads = 0;
    const named = await namedCode(
      {
        async range(prefix, options) {
          const result = await open.registry.range(prefix, options);
          if (reads++ > 0) return result;
          await publish(open.store, 'f');
          await update(open.store, 'f', digest(2));
          return result;
        },
      },
      NEVER,
    );
    assert.ok(named.has(digest(1)));
  });

  test('so are those of layers, of functions that have them and of their versions', async () => {
    await using open = await openStore();
    const layers = new LayerStore({ ...open, random, accountId: ACCOUNT });
    const publishLayer = (number: number) =>
      layers.publish('l', { createdMs: 1, description: '', code: { digest: digest(number), bytes: 1 } });
    await publishLayer(1);
    await open.store.create(withLayer(sample('f'), digest(2)));
    await publish(open.store, 'f');
    await open.store.change('f', record => ({ record: withLayer(record, digest(3)), result: undefined }));
    const named = await namedCode(open.registry, NEVER);
    assert.deepEqual(
      [1, 2, 3].map(number => named.has(digest(number))),
      [true, true, true],
    );
  });

  test('one that moves from a layer to a function while it is read is among them', async () => {
    await using open = await openStore();
    const layers = new LayerStore({ ...open, random, accountId: ACCOUNT });
    const code = { digest: digest(1), bytes: 1 };
    await layers.publish('l', { createdMs: 1, description: '', code });
    let reads = 0;
    const named = await namedCode(
      {
        async range(prefix, options) {
          if (reads++ > 0) return open.registry.range(prefix, options);
          await open.store.create(withLayer(sample('f'), digest(1)));
          await layers.delete('l', 1);
          return open.registry.range(prefix, options);
        },
      },
      NEVER,
    );
    assert.ok(named.has(digest(1)));
  });

  test('an aborted reading ends', async () => {
    await using open = await openStore();
    await assert.rejects(
      namedCode(open.registry, { signal: AbortSignal.abort(new Error('enough')) }),
      /enough/,
    );
  });
});

function digest(number: number): string {
  return number.toString(16).padStart(64, '0');
}

function withCode(record: FunctionRecord, codeDigest: string): FunctionRecord {
  const code = { digest: codeDigest, bytes: 1 };
  return withLatest(record, { code, configuration: record.latest.configuration }, stamp());
}

function withLayer(record: FunctionRecord, layerDigest: string): FunctionRecord {
  const layers = [{ arn: 'arn', code: { digest: layerDigest, bytes: 1 } }];
  return withLatest(record, { configuration: { ...record.latest.configuration, layers } }, stamp());
}

async function publish(store: FunctionStore, name: string): Promise<void> {
  await store.change(name, record => {
    const next = published(record, { versionRevisionId: random.uuid() }, stamp());
    return { record: next.record, publish: next.version, result: undefined };
  });
}

async function update(store: FunctionStore, name: string, codeDigest: string): Promise<void> {
  await store.change(name, record => ({ record: withCode(record, codeDigest), result: undefined }));
}

function storeOf(registry: Registry, accountId: string): FunctionStore {
  return new FunctionStore({ registry, clock: new SystemClock(), random, accountId, observer: NOBODY });
}

async function openStore() {
  const stack = new AsyncDisposableStack();
  const sqlite = stack.use(await SqliteStore.open({ file: ':memory:' }));
  const registry = stack.use(await SqliteRegistry.open({ store: sqlite, clock: new SystemClock() }));
  return { registry, store: storeOf(registry, ACCOUNT), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
