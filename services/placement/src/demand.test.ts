import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvironmentKeyText } from '@lambent/contracts';
import { SimulatedClock } from '@lambent/core';
import { Demand } from './demand.ts';

test('each router’s latest number counts, as long as it repeats itself', async () => {
  const clock = new SimulatedClock();
  const demand = new Demand({ clock });
  const [f, g] = ['f', 'g'] as EnvironmentKeyText[] as [EnvironmentKeyText, EnvironmentKeyText];
  assert.equal(demand.state(f, 'r-1', 5), 5);
  assert.equal(demand.state(f, 'r-2', 2), 7);
  assert.equal(demand.state(f, 'r-1', 1), 3);
  await clock.advance(400);
  assert.equal(demand.state(g, 'r-1', 4), 4);
  assert.equal(demand.state(f, 'r-2', 2), 3);
  await clock.advance(400);
  assert.equal(demand.state(f, 'r-2', 3), 3);
  assert.equal(demand.waiting, 7);
  await clock.advance(700);
  assert.equal(demand.waiting, 0);
});
