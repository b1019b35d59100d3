import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { RecordWatch } from './record-watch.ts';
import { SimulatedRegistry } from './simulated-registry.ts';
import { SimulatedRegistryServer } from './simulated-registry-server.ts';

function openWorld() {
  const clock = new SimulatedClock();
  const random = new SeededRandom(1);
  const server = new SimulatedRegistryServer({ clock, random });
  const wire = {
    carry: (_from: string, _to: string, deliver: () => void) => queueMicrotask(deliver),
    expire: (timeoutMs: number, late: () => void) => clock.setTimer(timeoutMs, late),
  };
  const registry = new SimulatedRegistry({ server, wire, member: 'a', clock });
  const put = (key: string, value: string) =>
    void server.transact({ compare: [], write: [{ kind: 'put', key, value: Buffer.from(value) }] });
  const remove = (key: string) => void server.transact({ compare: [], write: [{ kind: 'delete', key }] });
  const told: string[] = [];
  const open = () =>
    RecordWatch.open({
      registry,
      clock,
      random,
      prefix: 'r/',
      decode: ({ value }) => (value.length === 0 ? undefined : Buffer.from(value).toString()),
      changed: records => told.push([...records.values()].sort().join(' ')),
    });
  return { clock, server, put, remove, told, open };
}

test('records are told whole at first and after every change', async () => {
  const { clock, put, remove, told, open } = openWorld();
  put('r/1', 'one');
  put('other', 'x');
  await using watch = await open();
  await clock.advance(1);
  put('r/2', 'two');
  await clock.advance(1);
  remove('r/1');
  put('other', 'y');
  await clock.advance(1);
  assert.deepEqual(told, ['one', 'one two', 'two']);
  assert.deepEqual([...watch.records], [['r/2', 'two']]);
});

test('what is no record of ours is left out, also when it takes the place of one', async () => {
  const { clock, put, open } = openWorld();
  put('r/1', '');
  put('r/2', 'two');
  await using watch = await open();
  await clock.advance(1);
  put('r/2', '');
  await clock.advance(1);
  assert.deepEqual([...watch.records], []);
});

test('after a watch that could not go on everything is read anew', async () => {
  const { clock, server, put, remove, open } = openWorld();
  put('r/1', 'one');
  await using watch = await open();
  // Before the watch itself begins, what it would begin with is gone.
  remove('r/1');
  put('r/2', 'two');
  server.compact();
  await clock.advance(2_000);
  assert.deepEqual([...watch.records], [['r/2', 'two']]);
  put('r/3', 'three');
  await clock.advance(1);
  assert.deepEqual([...watch.records.values()], ['two', 'three']);
});

test('more records than fit a page are all read', async () => {
  const { put, open } = openWorld();
  for (let number = 0; number < 2_500; number += 1) put(`r/${number}`, `${number}`);
  await using watch = await open();
  assert.equal(watch.records.size, 2_500);
});
