import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isFailure, SeededRandom, SystemClock } from '@lambent/core';
import { SqliteStore } from '@lambent/sqlite';
import { RecordTable, type TableRecord } from './record-table.ts';
import type { Registry, Transaction, TransactionResult } from './registry.ts';
import { SqliteRegistry } from './sqlite-registry.ts';

interface Counter extends TableRecord {
  readonly count: number;
}

/** A table whose transactions go through `transact`, where that is given. */
async function openTable(
  transact?: (registry: Registry, transaction: Transaction) => Promise<TransactionResult>,
) {
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await SqliteStore.open({ file: ':memory:' }));
  const registry = stack.use(await SqliteRegistry.open({ store, clock: new SystemClock() }));
  const table = new RecordTable<Counter>({
    registry: {
      get: key => registry.get(key),
      range: (prefix, options) => registry.range(prefix, options),
      transact: transaction => (transact ?? ((to, sent) => to.transact(sent)))(registry, transaction),
    } as Registry,
    random: new SeededRandom(1),
    prefix: 'counters/',
    decode: entry => JSON.parse(Buffer.from(entry.value).toString()) as Counter,
  });
  const owned = stack.move();
  return { table, registry, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const increment = (table: RecordTable<Counter>) =>
  table.change('a', current => {
    const count = (current?.count ?? 0) + 1;
    return { put: { count }, result: count };
  });

suite('A table of records', () => {
  test('changes what is there, lists it by its ids, and forgets what is removed', async () => {
    await using open = await openTable();
    const { table } = open;
    assert.equal(await increment(table), 1);
    assert.equal(await increment(table), 2);
    await table.change('b/c', () => ({ put: { count: 7 }, result: undefined }));
    assert.equal((await table.read('a'))?.count, 2);
    const first = await table.list({ limit: 1 });
    assert.deepEqual([first.items.map(({ count }) => count), first.more], [[2], true]);
    const rest = await table.list({ after: 'a', limit: 1 });
    assert.deepEqual([rest.items.map(({ count }) => count), rest.more], [[7], false]);
    await table.change('a', () => ({ remove: true, result: undefined }));
    assert.equal(await table.read('a'), undefined);
  });

  test('changes that come at once are all made', async () => {
    await using open = await openTable();
    await Promise.all([1, 2, 3].map(() => increment(open.table)));
    assert.equal((await open.table.read('a'))?.count, 3);
  });

  test('what stands or falls with a change is written with it', async () => {
    await using open = await openTable();
    const value = Buffer.from('1');
    const alongside = {
      compare: [{ kind: 'key' as const, key: 'other', modRevision: 0 }],
      write: [{ kind: 'put' as const, key: 'other', value }],
    };
    const create = (id: string) =>
      open.table.change(id, () => ({ put: { count: 1 }, alongside, result: undefined }));
    await create('a');
    await assert.rejects(create('b'), error => isFailure(error, 'storage-failed'));
    assert.equal(await open.table.read('b'), undefined);
  });

  test('a write of unknown end is made once, whether it was done or not', async () => {
    for (const done of [true, false]) {
      let unknown = true;
      await using open = await openTable(async (registry, transaction) => {
        if (!unknown) return registry.transact(transaction);
        unknown = false;
        if (done) await registry.transact(transaction);
        return { kind: 'unknown' };
      });
      assert.equal(await increment(open.table), 1);
      assert.equal((await open.table.read('a'))?.count, 1);
    }
  });

  test('who cannot tell says so', async () => {
    await using open = await openTable(async (registry, transaction) => {
      const [own] = transaction.write;
      // Somebody else writes over it before it can be looked up.
      const value = Buffer.from(JSON.stringify({ count: 9, writeId: 'another' }));
      await registry.transact({ compare: [], write: [{ kind: 'put', key: own?.key ?? '', value }] });
      return { kind: 'unknown' };
    });
    await assert.rejects(increment(open.table), error => isFailure(error, 'storage-failed'));
  });
});
