import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SeededRandom, SystemClock } from '@lambent/core';
import { SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import type { MappingRecord } from './mapping-record.ts';
import { MappingStore } from './mapping-store.ts';

async function openStore() {
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await SqliteStore.open({ file: ':memory:' }));
  const registry = stack.use(await SqliteRegistry.open({ store, clock: new SystemClock() }));
  const mappings = new MappingStore({ registry, random: new SeededRandom(1), accountId: '000000000000' });
  const owned = stack.move();
  return { mappings, registry, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const mapping = (uuid: string, functionName = 'f'): Omit<MappingRecord, 'writeId'> => ({
  schema: 1,
  uuid,
  kind: 'sqs',
  functionName,
  enabled: true,
  lastModifiedMs: 1,
  tags: {},
  settings: { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q' },
});

const taken = (uuid: string) => new Error(`taken by ${uuid}`);
const put = (mappings: MappingStore, record: Omit<MappingRecord, 'writeId'>) =>
  mappings.change(record.uuid, () => ({ put: record, result: undefined }), taken);
const remove = (mappings: MappingStore, uuid: string) =>
  mappings.change(uuid, () => ({ remove: true, result: undefined }));
const uuids = (items: readonly MappingRecord[]) => items.map(({ uuid }) => uuid);

suite('Event source mappings', () => {
  test('of a source and a function there is one, until it goes or is given to another', async () => {
    await using open = await openStore();
    const { mappings } = open;
    await put(mappings, mapping('a'));
    await assert.rejects(put(mappings, mapping('b')), taken('a'));
    await put(mappings, mapping('c', 'g'));
    await assert.rejects(put(mappings, mapping('c')), taken('a'));
    await put(mappings, mapping('a', 'h'));
    await put(mappings, mapping('b'));
    await remove(mappings, 'b');
    await put(mappings, mapping('c'));
    assert.equal((await mappings.read('c'))?.functionName, 'f');
    const { entries } = await open.registry.range('event-source-pairs/');
    assert.equal(entries.length, 2);
  });

  test('two that are made at once for one pair are one', async () => {
    await using open = await openStore();
    const made = await Promise.allSettled(['a', 'b', 'c'].map(uuid => put(open.mappings, mapping(uuid))));
    assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  test('those that are wanted are listed page by page', async () => {
    await using open = await openStore();
    const { mappings } = open;
    for (const uuid of ['a', 'b', 'c', 'd']) await put(mappings, mapping(uuid, `of-${uuid}`));
    const wanted = ({ uuid }: MappingRecord) => uuid !== 'b';
    const first = await mappings.list({ after: undefined, limit: 2, wanted });
    assert.deepEqual([uuids(first.items), first.more], [['a', 'c'], true]);
    const rest = await mappings.list({ after: 'c', limit: 2, wanted });
    assert.deepEqual([uuids(rest.items), rest.more], [['d'], false]);
  });
});
