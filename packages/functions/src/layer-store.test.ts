import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SystemClock } from '@lambent/core';
import type { Registry } from '@lambent/registry';
import { SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import type { LayerVersionRecord } from './layer-record.ts';
import { type LayerContent, type LayerQuery, LayerStore } from './layer-store.ts';
import { ACCOUNT, random } from './sample-function.ts';

const CONTENT: LayerContent = { createdMs: 1, description: '', code: { digest: 'a'.repeat(64), bytes: 10 } };
const ALL: LayerQuery<never> = { after: undefined, limit: 50, matches: () => true };

suite('a layer store', () => {
  test('numbers versions from 1, and never gives a number twice', async () => {
    await using open = await openStore();
    const first = await open.store.publish('l', CONTENT);
    assert.equal(first.version, 1);
    await open.store.publish('l', CONTENT);
    for (const version of [1, 2]) await open.store.delete('l', version);
    assert.equal(await open.store.read('l', 2), undefined);
    assert.equal((await open.store.publish('l', CONTENT)).version, 3);
    assert.equal((await open.store.publish('other', CONTENT)).version, 1);
  });

  test('gives publishers that come at once numbers of their own', async () => {
    await using open = await openStore();
    const published = await Promise.all([1, 2, 3].map(() => open.store.publish('l', CONTENT)));
    assert.deepEqual(published.map(({ version }) => version).toSorted(), [1, 2, 3]);
  });

  test('publishes once, also when it cannot know whether it has', async () => {
    for (const fault of ['unknown-done', 'unknown-lost'] as const) {
      await using open = await openStore();
      open.faults.push(fault);
      assert.equal((await open.store.publish('l', CONTENT)).version, 1);
      assert.equal((await open.store.listVersions('l', ALL)).items.length, 1);
    }
  });

  test('lists versions newest first, page by page, those that match', async () => {
    await using open = await openStore();
    for (let version = 1; version <= 12; version += 1)
      await open.store.publish('l', { ...CONTENT, description: version % 2 === 0 ? 'even' : 'odd' });
    await open.store.publish('l2', CONTENT);
    const numbers = (items: readonly LayerVersionRecord[]) => items.map(({ version }) => version);
    const matches = ({ description }: LayerVersionRecord) => description === 'even';
    const first = await open.store.listVersions('l', { after: undefined, limit: 4, matches });
    assert.deepEqual([numbers(first.items), first.more], [[12, 10, 8, 6], true]);
    const rest = await open.store.listVersions('l', { after: 6, limit: 4, matches });
    assert.deepEqual([numbers(rest.items), rest.more], [[4, 2], false]);
  });

  test('lists of each layer the newest version that matches, over many pages of versions', async () => {
    await using open = await openStore();
    for (const name of ['a', 'b', 'c'])
      for (let version = 1; version <= 110; version += 1)
        await open.store.publish(name, { ...CONTENT, description: version === 1 ? 'first' : 'later' });
    const shown = async (query: Partial<LayerQuery<string>>) => {
      const { items, more } = await open.store.list({ ...ALL, ...query, after: query.after });
      return [items.map(({ layerName, version }) => `${layerName}${version}`), more];
    };
    assert.deepEqual(await shown({}), [['a110', 'b110', 'c110'], false]);
    assert.deepEqual(await shown({ limit: 2 }), [['a110', 'b110'], true]);
    assert.deepEqual(await shown({ after: 'b' }), [['c110'], false]);
    const matches = ({ description }: LayerVersionRecord) => description === 'first';
    assert.deepEqual(await shown({ matches }), [['a1', 'b1', 'c1'], false]);
    assert.equal(await open.store.codeBytes(), 3_300);
  });

  test('changes a policy from what is there', async () => {
    await using open = await openStore();
    await open.store.publish('l', CONTENT);
    const add = (document: string) =>
      open.store.change('l', 1, ({ policy }) => ({
        policy: { revisionId: random.uuid(), document: (policy?.document ?? '') + document },
        result: document,
      }));
    open.faults.push('unknown-done');
    assert.equal((await add('x'))?.result, 'x');
    await Promise.all([add('x'), add('x')]);
    assert.equal((await open.store.read('l', 1))?.record.policy?.document, 'xxx');
    await open.store.change('l', 1, () => ({ policy: undefined, result: undefined }));
    assert.equal((await open.store.read('l', 1))?.record.policy, undefined);
    assert.equal(await open.store.change('l', 2, () => assert.fail('there is none')), undefined);
  });
});

type Fault = 'unknown-done' | 'unknown-lost';

async function openStore() {
  await using stack = new AsyncDisposableStack();
  const clock = new SystemClock();
  const sqlite = stack.use(await SqliteStore.open({ file: ':memory:' }));
  const registry = stack.use(await SqliteRegistry.open({ store: sqlite, clock }));
  const faults: Fault[] = [];
  const faulty: Pick<Registry, 'get' | 'range' | 'transact'> = {
    get: key => registry.get(key),
    range: (prefix, options) => registry.range(prefix, options),
    async transact(transaction) {
      const fault = faults.shift();
      if (fault === 'unknown-lost') return { kind: 'unknown' };
      const result = await registry.transact(transaction);
      return fault ? { kind: 'unknown' } : result;
    },
  };
  const store = new LayerStore({ registry: faulty, random, accountId: ACCOUNT });
  const owned = stack.move();
  return { store, faults, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
