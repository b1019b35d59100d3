import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fail, isFailure, SystemClock } from '@lambent/core';
import { encodeRecord, type ProvisionedRecord, provisionedKey } from '@lambent/membership';
import { type Registry, SqliteRegistry, type Transaction } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import { waitFor } from '@lambent/testing';
import type { AliasRecord } from './alias-record.ts';
import { FunctionCatalog, type Resolution } from './function-catalog.ts';
import { published, withAliasChange, withLatest, withoutVersion, withTags } from './function-changes.ts';
import { functionKey } from './function-keys.ts';
import { FunctionStore } from './function-store.ts';
import { ACCOUNT, alias, random, sample, stamp } from './sample-function.ts';

suite('a function catalog', () => {
  test('a function is read once and then answered without waiting', async () => {
    await using open = await openCatalog();
    await open.store.create(sample('f'));
    const first = await open.catalog.resolve({ name: 'f' });
    assert.equal(first.kind, 'found');
    const again = open.catalog.resolve({ name: 'f', qualifier: '$LATEST' });
    assert.ok(!(again instanceof Promise));
    assert.equal(specOf(again), specOf(first));
    assert.equal(open.reads(), 1);
  });

  test('that there is no function is known after one read, until there is one', async () => {
    await using open = await openCatalog();
    assert.equal((await open.catalog.resolve({ name: 'f' })).kind, 'no-function');
    assert.equal((await open.catalog.resolve({ name: 'f' })).kind, 'no-function');
    assert.equal(open.reads(), 1);
    await open.store.create(sample('f'));
    await waitFor('the function', async () => (await open.catalog.resolve({ name: 'f' })).kind === 'found');
    assert.equal(open.reads(), 1);
  });

  test('many who ask for one unknown name wait for one read', async () => {
    await using open = await openCatalog();
    await Promise.all(Array.from({ length: 10 }, async () => open.catalog.resolve({ name: 'f' })));
    assert.equal(open.reads(), 1);
  });

  test('a flood of unknown names is refused, not passed on', async () => {
    await using open = await openCatalog();
    const asked = Array.from({ length: 200 }, async (_, i) => open.catalog.resolve({ name: `f${i}` }));
    const refused = (await Promise.allSettled(asked)).filter(outcome => outcome.status === 'rejected');
    assert.equal(refused.length, 72);
    assert.ok(refused.every(outcome => isFailure(outcome.reason, 'queue-full')));
  });

  test('an update brings another spec, a tag does not', async () => {
    await using open = await openCatalog();
    await open.store.create(sample('f'));
    const before = specOf(await open.catalog.resolve({ name: 'f' }));
    await open.store.change('f', record => ({ record: withTags(record, { a: 'b' }), result: undefined }));
    await waitFor('the tag', async () => {
      const now = await open.catalog.resolve({ name: 'f' });
      return now.kind === 'found' && now.record.tags['a'] === 'b';
    });
    assert.equal(specOf(await open.catalog.resolve({ name: 'f' })), before);
    await open.store.change('f', record => ({ record: withLatest(record, {}, stamp()), result: undefined }));
    const after = await waitFor('the update', async () => {
      const spec = specOf(await open.catalog.resolve({ name: 'f' }));
      return spec !== before && spec;
    });
    assert.equal(after.key?.revision, 2n);
  });

  test('a deleted function is gone, and one made again is another', async () => {
    await using open = await openCatalog();
    await open.store.create(sample('f'));
    const before = specOf(await open.catalog.resolve({ name: 'f' }));
    await open.store.delete('f');
    await waitFor('its end', async () => (await open.catalog.resolve({ name: 'f' })).kind === 'no-function');
    await open.store.create(sample('f'));
    await waitFor('the new one', async () => (await open.catalog.resolve({ name: 'f' })).kind === 'found');
    const after = specOf(await open.catalog.resolve({ name: 'f' }));
    assert.notEqual(after.key?.functionId, before.key?.functionId);
  });

  test('a published version keeps its spec while $LATEST changes, and is gone when deleted', async () => {
    await using open = await openCatalog();
    await open.store.create(sample('f'));
    assert.equal((await open.catalog.resolve({ name: 'f', qualifier: '1' })).kind, 'no-qualifier');
    await open.store.change('f', record => {
      const next = published(record, { versionRevisionId: random.uuid() }, stamp());
      return { record: next.record, publish: next.version, result: undefined };
    });
    const one = await open.catalog.resolve({ name: 'f', qualifier: '1' });
    assert.equal(one.kind === 'found' && one.version.version, '1');
    await open.store.change('f', record => ({ record: withLatest(record, {}, stamp()), result: undefined }));
    await waitFor('the update', async () => {
      return specOf(await open.catalog.resolve({ name: 'f' })).key?.revision === 2n;
    });
    const still = open.catalog.resolve({ name: 'f', qualifier: '1' });
    assert.ok(!(still instanceof Promise));
    assert.equal(specOf(still), specOf(one));
    await open.store.change('f', record => ({
      record: withoutVersion(record, record.latest),
      unpublish: '1',
      result: undefined,
    }));
    await waitFor('its end', async () => {
      return (await open.catalog.resolve({ name: 'f', qualifier: '1' })).kind === 'no-qualifier';
    });
  });

  test('an alias is read once, and again when it was changed', async () => {
    await using open = await openCatalog();
    await createWithVersions(open.store, 2);
    await putAlias(open.store, alias('live', '1'));
    assert.equal(await versionOf(open.catalog, 'live'), '1');
    const again = open.catalog.resolve({ name: 'f', qualifier: 'live' });
    assert.ok(!(again instanceof Promise));
    assert.equal(again.kind === 'found' && again.spec.functionArn.endsWith('function:f'), true);
    await putAlias(open.store, alias('live', '2'));
    await waitFor('the move', async () => (await versionOf(open.catalog, 'live')) === '2');
    await open.store.change('f', record => ({
      record: withAliasChange(record),
      deleteAlias: 'live',
      result: undefined,
    }));
    await waitFor('its end', async () => (await versionOf(open.catalog, 'live')) === undefined);
  });

  test('an alias of two versions divides invocations between them, from the first on', async () => {
    await using open = await openCatalog();
    await createWithVersions(open.store, 2);
    await putAlias(open.store, alias('live', '1', { version: '2', weight: 0.5 }));
    const chosen = new Map<string | undefined, number>();
    for (let i = 0; i < 1_000; i++) {
      const version = await versionOf(open.catalog, 'live');
      chosen.set(version, (chosen.get(version) ?? 0) + 1);
    }
    assert.deepEqual([...chosen.keys()].sort(), ['1', '2']);
    assert.ok(Math.abs((chosen.get('2') ?? 0) - 500) < 100);
  });

  test('an alias with provisioned concurrency goes on at the version before until the next is ready', async () => {
    await using open = await openCatalog();
    await createWithVersions(open.store, 2);
    const functionId = (await open.store.read('f'))?.id ?? '';
    const key = provisionedKey(functionId, 'live');
    const provision = (previous: Pick<ProvisionedRecord, 'previousVersion'>) => {
      const value = encodeRecord({ ...PROVISIONED, functionId, ...previous });
      return { compare: [], write: [{ kind: 'put', key, value } as const] };
    };
    await putAlias(open.store, alias('live', '1'));
    assert.equal(await versionOf(open.catalog, 'live'), '1');
    await putAlias(open.store, alias('live', '2'), provision({ previousVersion: '1' }));
    open.catalog.forget('f');
    assert.equal(await versionOf(open.catalog, 'live'), '1');
    await putAlias(open.store, alias('live', '2'), provision({}));
    await waitFor('the move', async () => (await versionOf(open.catalog, 'live')) === '2');
  });

  test('an alias is as old as its function is known to be, until that is forgotten', async () => {
    await using open = await openCatalog({ watching: false });
    await createWithVersions(open.store, 2);
    await putAlias(open.store, alias('live', '1'));
    assert.equal(await versionOf(open.catalog, 'live'), '1');
    await putAlias(open.store, alias('live', '2'));
    assert.equal(await versionOf(open.catalog, 'live'), '1');
    open.catalog.forget('f');
    assert.equal(await versionOf(open.catalog, 'live'), '2');
  });

  test('a name that is no version of the function is no qualifier', async () => {
    await using open = await openCatalog();
    await open.store.create(sample('f'));
    assert.equal((await open.catalog.resolve({ name: 'f', qualifier: 'live' })).kind, 'no-qualifier');
  });

  test('a watch too far behind empties the cache and begins anew', async () => {
    await using open = await openCatalog();
    await open.store.create(sample('f'));
    await open.catalog.resolve({ name: 'f' });
    open.breakWatch(fail('registry-compacted', { revision: 1, oldest: 2 }));
    await waitFor('a second read', async () => {
      await open.catalog.resolve({ name: 'f' });
      return open.reads() === 2;
    });
    assert.ok(open.broken.some(error => isFailure(error, 'registry-compacted')));
  });

  test('what is known is answered while the registry is not there', async () => {
    await using open = await openCatalog();
    await open.store.create(sample('f'));
    await open.catalog.resolve({ name: 'f' });
    open.breakWatch(fail('registry-unavailable', { detail: 'gone' }));
    await waitFor('the break', () => open.broken.length > 0);
    assert.equal((await open.catalog.resolve({ name: 'f' })).kind, 'found');
    assert.equal(open.reads(), 1);
  });

  test('one record that cannot be read does not stop the watch', async () => {
    await using open = await openCatalog();
    for (const name of ['f', 'g']) await open.store.create(sample(name));
    for (const name of ['f', 'g']) await open.catalog.resolve({ name });
    const write = [{ kind: 'put' as const, key: functionKey(ACCOUNT, 'f'), value: Buffer.from('{}') }];
    await open.registry.transact({ compare: [], write });
    await open.store.delete('g');
    await waitFor('the later change', async () => {
      return (await open.catalog.resolve({ name: 'g' })).kind === 'no-function';
    });
    await assert.rejects(
      async () => open.catalog.resolve({ name: 'f' }),
      error => isFailure(error, 'record-unreadable'),
    );
  });

  test('what its own store wrote is known before the watch says so', async () => {
    await using open = await openCatalog();
    const own = new FunctionStore({
      registry: open.registry,
      clock: new SystemClock(),
      random,
      accountId: ACCOUNT,
      observer: open.catalog,
    });
    await own.create(sample('f'));
    assert.equal((await open.catalog.resolve({ name: 'f' })).kind, 'found');
    await own.delete('f');
    assert.equal((await open.catalog.resolve({ name: 'f' })).kind, 'no-function');
    assert.equal(open.reads(), 0);
  });

  test('what was forgotten is read anew, once for all who ask, whatever an older read of it brings', async () => {
    await using open = await openCatalog({ watching: false });
    const { resume } = open.holdNextRead();
    const early = open.catalog.resolve({ name: 'f' });
    await setImmediate();
    await open.store.create(sample('f'));
    const late = Array.from({ length: 200 }, async () => {
      open.catalog.forget('f');
      return open.catalog.resolve({ name: 'f' });
    });
    resume();
    assert.equal((await early).kind, 'no-function');
    for (const { kind } of await Promise.all(late)) assert.equal(kind, 'found');
    assert.equal((await open.catalog.resolve({ name: 'f' })).kind, 'found');
    assert.equal(open.reads(), 2);
  });

  test('disposing twice is the same as once', async () => {
    await using open = await openCatalog();
    await open.catalog[Symbol.asyncDispose]();
    await open.catalog[Symbol.asyncDispose]();
  });
});

/** As far as it says more than which function and which version. */
const PROVISIONED = {
  requestId: 'r',
  accountId: ACCOUNT,
  functionName: 'f',
  region: 'us-east-1',
  qualifier: 'live',
  requested: 1,
  version: '2',
  lastModifiedMs: 0,
};

async function createWithVersions(store: FunctionStore, count: number): Promise<void> {
  await store.create(sample('f'));
  for (let i = 0; i < count; i++)
    await store.change('f', record => {
      const next = published(record, { versionRevisionId: random.uuid() }, stamp());
      return { record: next.record, publish: next.version, result: undefined };
    });
}

async function putAlias(store: FunctionStore, record: AliasRecord, alongside?: Transaction): Promise<void> {
  await store.change('f', current => ({
    record: withAliasChange(current),
    putAlias: record,
    ...(alongside && { alongside }),
    result: undefined,
  }));
}

async function versionOf(catalog: FunctionCatalog, qualifier: string): Promise<string | undefined> {
  const resolution = await catalog.resolve({ name: 'f', qualifier });
  return resolution.kind === 'found' ? resolution.version.version : undefined;
}

function specOf(resolution: Resolution) {
  assert.equal(resolution.kind, 'found');
  return resolution.spec;
}

async function openCatalog({ watching = true } = {}) {
  await using stack = new AsyncDisposableStack();
  const clock = new SystemClock();
  const sqlite = stack.use(await SqliteStore.open({ file: ':memory:' }));
  const registry = stack.use(await SqliteRegistry.open({ store: sqlite, clock }));
  const observer = { written: () => {}, deleted: () => {} };
  const store = new FunctionStore({ registry, clock, random, accountId: ACCOUNT, observer });
  let reads = 0;
  let held: Promise<void> | undefined;
  let breakage = Promise.withResolvers<never>();
  const broken: unknown[] = [];
  const watched: Registry = {
    async get(key) {
      if (key.startsWith('functions/')) reads += 1;
      const until = held;
      held = undefined;
      const entry = await registry.get(key);
      await until;
      return entry;
    },
    range: (prefix, options) => registry.range(prefix, options),
    transact: transaction => registry.transact(transaction),
    async *watch(prefix, options) {
      const changes = registry.watch(prefix, options)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await Promise.race([changes.next(), breakage.promise]);
          if (next.done) return;
          if (watching) yield next.value;
        }
      } finally {
        breakage = Promise.withResolvers();
      }
    },
    grantLease: ttlMs => registry.grantLease(ttlMs),
    renewLease: lease => registry.renewLease(lease),
    revokeLease: lease => registry.revokeLease(lease),
    [Symbol.asyncDispose]: async () => {},
  };
  const catalog = stack.use(
    await FunctionCatalog.open({
      registry: watched,
      clock,
      random,
      accountId: ACCOUNT,
      region: 'us-east-1',
      onWatchBroken: error => broken.push(error),
    }),
  );
  const owned = stack.move();
  return {
    catalog,
    store,
    registry,
    broken,
    reads: () => reads,
    /** What it found is on its way until it is resumed. */
    holdNextRead() {
      const { promise, resolve: resume } = Promise.withResolvers<void>();
      held = promise;
      return { resume };
    },
    breakWatch(error: unknown) {
      // It may be between two changes now, and hear of it a moment later.
      breakage.promise.catch(() => {});
      breakage.reject(error);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
