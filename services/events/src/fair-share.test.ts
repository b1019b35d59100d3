import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { FairShare } from './fair-share.ts';

test('a function has at most its share, and another function is not held up by it', () => {
  const share = new FairShare({ max: 2, clock: new SimulatedClock() });
  assert.ok(share.take('hot'));
  assert.ok(share.take('hot'));
  assert.equal(share.take('hot'), undefined);
  assert.ok(share.take('cold'));
});

test('a place is given back once', () => {
  const share = new FairShare({ max: 2, clock: new SimulatedClock() });
  const [first] = [share.take('f'), share.take('f')];
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  assert.ok(share.take('f'));
  assert.equal(share.take('f'), undefined);
});

test('those that find the share held come again at the pace at which places are given back, and not within a second', async () => {
  const clock = new SimulatedClock();
  const share = new FairShare({ max: 2, clock });
  const places = [share.take('f'), share.take('f')];
  await clock.advance(1_000);
  places[0]?.[Symbol.dispose]();
  share.take('f');
  assert.deepEqual(
    Array.from({ length: 6 }, () => share.turnInMs('f')),
    [1_000, 1_000, 1_500, 2_000, 2_500, 3_000],
  );
});

test('the longer places are held, the later others come again, and within five minutes', async () => {
  const clock = new SimulatedClock();
  const share = new FairShare({ max: 1, clock });
  for (let run = 0; run < 50; run++) {
    using _place = share.take('slow');
    await clock.advance(20_000);
  }
  const turns = Array.from({ length: 30 }, () => share.turnInMs('slow'));
  assert.deepEqual(
    turns,
    turns.toSorted((a, b) => a - b),
  );
  assert.ok(turns.every(turn => turn > 19_000));
  assert.equal(turns.at(-1), 300_000);
});
