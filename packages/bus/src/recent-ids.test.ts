import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { RecentIds } from './recent-ids.ts';

test('an id is known for its time', async () => {
  const clock = new SimulatedClock();
  const ids = new RecentIds(clock, 1_000);
  ids.add('a');
  await clock.advance(999);
  assert.equal(ids.has('a'), true);
  await clock.advance(1);
  assert.equal(ids.has('a'), false);
});

test('of very many ids the last are known', () => {
  const ids = new RecentIds(new SimulatedClock(), 1_000);
  for (let id = 0; id < 3_000; id++) ids.add(`${id}`);
  assert.deepEqual(
    [ids.has('0'), ids.has('1999'), ids.has('2000'), ids.has('2999')],
    [false, false, true, true],
  );
});
