import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isFailure, SystemClock } from '@lambent/core';
import { changeDivision, readDivision } from '@lambent/membership';
import type { Registry, Transaction, TransactionResult } from '@lambent/registry';
import { SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import { sweepDeletions } from './deletions.ts';
import { published, withAliasChange, withLatest, withoutVersion, withTags } from './function-changes.ts';
import { aliasesPrefix, deletionKey, functionKey, versionsPrefix } from './function-keys.ts';
import { FunctionStore, type StoreObserver } from './function-store.ts';
import { ACCOUNT, alias, random, sample, stamp } from './sample-function.ts';

const NOBODY: StoreObserver = { written: () => {}, deleted: () => {} };

suite('a function store', () => {
  test('a name is taken once', async () => {
    await using open = await openStore();
    assert.equal(await open.store.create(sample('a')), true);
    assert.equal(await open.store.create(sample('a')), false);
    assert.equal((await open.store.read('a'))?.name, 'a');
    assert.equal(await open.store.read('b'), undefined);
  });

  test('a function is not created once what it stands on has changed', async () => {
    await using open = await openStore();
    const compare = [{ kind: 'key' as const, key: 'layer', modRevision: 7 }];
    assert.equal(await open.store.create(sample('a'), { alongside: { compare, write: [] } }), false);
    assert.equal(await open.store.read('a'), undefined);
  });

  test('functions and versions are listed page by page, in order of name and number', async () => {
    await using open = await openStore();
    for (const name of ['c', 'a', 'b']) await open.store.create(sample(name));
    const first = await open.store.list({ limit: 2 });
    assert.deepEqual([first.items.map(item => item.name), first.more], [['a', 'b'], true]);
    const rest = await open.store.list({ after: 'b', limit: 2 });
    assert.deepEqual([rest.items.map(item => item.name), rest.more], [['c'], false]);

    const id = await publishTimes(open.store, 'a', 11);
    const versions = await open.store.listVersions(id, { after: '8', limit: 10 });
    assert.deepEqual(
      versions.items.map(item => item.version),
      ['9', '10', '11'],
    );
  });

  test('two changes at once are both done, one after the other', async () => {
    await using open = await openStore();
    await open.store.create(sample('f'));
    await Promise.all(
      ['x', 'y'].map(tag =>
        open.store.change('f', record => ({
          record: withTags(record, { ...record.tags, [tag]: '1' }),
          result: undefined,
        })),
      ),
    );
    assert.deepEqual((await open.store.read('f'))?.tags, { x: '1', y: '1' });
  });

  test('a change whose precondition fell meanwhile is refused by it, not lost', async () => {
    await using open = await openStore();
    await open.store.create(sample('f'));
    const seen = (await open.store.read('f'))?.latest.revisionId;
    const update = () =>
      open.store.change('f', record => {
        if (record.latest.revisionId !== seen) throw new Error('stale');
        return { record: withLatest(record, {}, stamp()), result: undefined };
      });
    const outcomes = await Promise.allSettled([update(), update()]);
    assert.deepEqual(outcomes.map(outcome => outcome.status).sort(), ['fulfilled', 'rejected']);
  });

  test('a change to nothing says so', async () => {
    await using open = await openStore();
    const result = await open.store.change('f', record => ({ record, result: 1 }));
    assert.equal(result.kind, 'no-function');
  });

  test('a write of unknown end that was done is found out and not repeated', async () => {
    await using open = await openStore();
    await open.store.create(sample('f'));
    open.faults.push('done');
    const changed = await open.store.change('f', record => ({
      record: published(record, { versionRevisionId: 'v' }, stamp()).record,
      result: undefined,
    }));
    assert.equal(changed.kind, 'done');
    assert.equal((await open.store.read('f'))?.nextVersion, 2);
  });

  test('a write of unknown end that was not done is sent again', async () => {
    await using open = await openStore();
    open.faults.push('lost');
    assert.equal(await open.store.create(sample('f')), true);
    assert.ok(await open.store.read('f'));
  });

  test('a write of unknown end that somebody wrote over fails with storage-failed', async () => {
    await using open = await openStore();
    await open.store.create(sample('f'));
    open.faults.push(async () => {
      const record = withTags(sample('f'), { other: 'writer' });
      const value = Buffer.from(JSON.stringify({ ...record, writeId: 'other' }));
      const write = [{ kind: 'put' as const, key: functionKey(ACCOUNT, 'f'), value }];
      await open.registry.transact({ compare: [], write });
    });
    await assert.rejects(
      open.store.change('f', record => ({ record: withTags(record, {}), result: undefined })),
      error => isFailure(error, 'storage-failed'),
    );
  });

  test('deleting takes the versions too, more than one transaction holds', async () => {
    await using open = await openStore();
    await open.store.create(sample('f'));
    const id = await publishTimes(open.store, 'f', 130);
    assert.equal(await open.store.delete('f'), true);
    assert.equal(await open.store.read('f'), undefined);
    assert.equal((await open.registry.range(versionsPrefix(id))).entries.length, 0);
    assert.equal(await open.registry.get(deletionKey(id)), undefined);
    assert.equal(await open.store.delete('f'), false);
  });

  test('an alias is put, listed by name, deleted, and goes with its function', async () => {
    await using open = await openStore();
    const { id } = sample('f');
    await open.store.create({ ...sample('f'), id });
    for (const name of ['c', 'a', 'b']) await putAlias(open.store, name);
    const page = await open.store.listAliases(id, { after: 'a', limit: 1 });
    assert.deepEqual([page.items.map(item => item.name), page.more], [['b'], true]);
    await open.store.change('f', record => ({
      record: withAliasChange(record),
      deleteAlias: 'b',
      result: undefined,
    }));
    assert.equal(await open.store.readAlias(id, 'b'), undefined);
    assert.equal((await open.store.readAlias(id, 'a'))?.version, '$LATEST');
    assert.equal((await open.store.read('f'))?.aliasChanges, 4);
    await open.store.delete('f');
    assert.equal((await open.registry.range(aliasesPrefix(id))).entries.length, 0);
  });

  test('a record from before there were aliases is read', async () => {
    await using open = await openStore();
    const { aliasChanges: _, ...old } = sample('f');
    const value = Buffer.from(JSON.stringify(old));
    const write = [{ kind: 'put' as const, key: functionKey(ACCOUNT, 'f'), value }];
    await open.registry.transact({ compare: [], write });
    assert.equal((await open.store.read('f'))?.aliasChanges, 0);
  });

  test('a deletion cut short leaves nothing reachable, and the sweep finishes it', async () => {
    await using open = await openStore();
    await open.store.create(sample('f'));
    const id = await publishTimes(open.store, 'f', 3);
    open.faults.push('pass', 'lost');
    assert.equal(await open.store.delete('f'), true);
    assert.equal((await open.registry.range(versionsPrefix(id))).entries.length, 3);
    await sweepDeletions(open.registry);
    assert.equal((await open.registry.range(versionsPrefix(id))).entries.length, 0);
    assert.equal(await open.registry.get(deletionKey(id)), undefined);
  });

  test('a reservation goes back with its function, by the sweep where the deletion was cut short', async () => {
    await using open = await openStore();
    await changeDivision(open.registry, division => ({ division: division.resize(1_000) }));
    const record = sample('f');
    await open.store.create(record);
    await changeDivision(open.registry, division => ({ division: division.reserve(record.id, 50) }));
    open.faults.push('pass', ...Array.from({ length: 20 }, () => 'lost' as const));
    assert.equal(await open.store.delete('f'), true);
    assert.equal((await readDivision(open.registry)).unreserved, 950);
    await sweepDeletions(open.registry);
    assert.equal((await readDivision(open.registry)).unreserved, 1_000);
  });

  test('usage counts functions and the code of all their versions', async () => {
    await using open = await openStore();
    await open.store.create(sample('f'));
    await open.store.create(sample('g'));
    const id = await publishTimes(open.store, 'f', 2);
    assert.deepEqual(await open.store.usage(), { functions: 2, codeBytes: 400 });
    const version = await open.store.readVersion(id, '1');
    assert.ok(version);
    await open.store.change('f', record => ({
      record: withoutVersion(record, version),
      unpublish: '1',
      result: undefined,
    }));
    assert.deepEqual(await open.store.usage(), { functions: 2, codeBytes: 300 });
  });

  test('a record with a member that is not known is not read', async () => {
    await using open = await openStore();
    const value = Buffer.from(JSON.stringify({ ...sample('f'), surprise: 1 }));
    const write = [{ kind: 'put' as const, key: functionKey(ACCOUNT, 'f'), value }];
    await open.registry.transact({ compare: [], write });
    await assert.rejects(open.store.read('f'), error => isFailure(error, 'record-unreadable'));
  });
});

test('a function without a worker for its runtime has failed, until an update finds one', () => {
  const failed = sample('f', { runtimeAvailable: () => false });
  assert.deepEqual(failed.latest.state, {
    kind: 'failed',
    code: 'InvalidRuntime',
    reason: 'No worker has the runtime nodejs24.x.',
  });
  const updated = withLatest(failed, {}, stamp());
  assert.deepEqual([updated.latest.state, updated.latest.lastUpdate], [{ kind: 'good' }, { kind: 'good' }]);
});

test('an update to a runtime that no worker has fails, and the function stays active', () => {
  const { latest } = withLatest(sample('f'), {}, stamp({ runtimeAvailable: () => false }));
  assert.deepEqual([latest.state.kind, latest.lastUpdate.kind], ['good', 'failed']);
});

test('tagging and publishing change no configuration revision, updating does', () => {
  const record = sample('f');
  assert.equal(withTags(record, { a: 'b' }).latest.configurationRevision, 1);
  assert.equal(published(record, { versionRevisionId: 'v' }, stamp()).record.latest.configurationRevision, 1);
  assert.equal(withLatest(record, {}, stamp()).latest.configurationRevision, 2);
});

async function putAlias(store: FunctionStore, name: string): Promise<void> {
  await store.change('f', record => ({
    record: withAliasChange(record),
    putAlias: alias(name, '$LATEST'),
    result: undefined,
  }));
}

async function publishTimes(store: FunctionStore, name: string, times: number): Promise<string> {
  let id = '';
  for (let i = 0; i < times; i++) {
    await store.change(name, record => {
      id = record.id;
      const next = published(record, { versionRevisionId: random.uuid() }, stamp());
      return { record: next.record, publish: next.version, result: undefined };
    });
  }
  return id;
}

/** What becomes of the next transaction: answered truly, done but unknown, lost and unknown, or overtaken. */
type Fault = 'pass' | 'done' | 'lost' | (() => Promise<void>);

async function openStore() {
  await using stack = new AsyncDisposableStack();
  const clock = new SystemClock();
  const sqlite = stack.use(await SqliteStore.open({ file: ':memory:' }));
  const registry = stack.use(await SqliteRegistry.open({ store: sqlite, clock }));
  const faults: Fault[] = [];
  const faulty = withFaults(registry, faults);
  const store = new FunctionStore({ registry: faulty, clock, random, accountId: ACCOUNT, observer: NOBODY });
  const owned = stack.move();
  return { store, registry, faults, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function withFaults(registry: Registry, faults: Fault[]): Registry {
  const transact = async (transaction: Transaction): Promise<TransactionResult> => {
    const fault = faults.shift() ?? 'pass';
    if (fault === 'lost') return { kind: 'unknown' };
    if (fault === 'pass') return registry.transact(transaction);
    await registry.transact(transaction);
    if (fault !== 'done') await fault();
    return { kind: 'unknown' };
  };
  return {
    get: key => registry.get(key),
    range: (prefix, options) => registry.range(prefix, options),
    transact,
    watch: (prefix, options) => registry.watch(prefix, options),
    grantLease: ttlMs => registry.grantLease(ttlMs),
    renewLease: lease => registry.renewLease(lease),
    revokeLease: lease => registry.revokeLease(lease),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}
