import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { pick } from './faults.ts';
import { World } from './world.ts';

const SEEDS = 5;
const ROUNDS = 40;
const STEP_MS = 5;
/** Whoever was refused for a crowd is answered the same for a tenth of a second. */
const REFUSED_MS = 110;

test('with a limit of one and sixteen gateways nobody is refused while its one environment is idle', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const world = new World({ seed, gateways: 16 });
    const random = new SeededRandom(seed + 1);
    const [spec] = world.functions;
    assert.ok(spec);
    for (const functionId of world.busiest) world.owner.reserve(functionId, undefined);
    world.owner.reserve(spec.functionName, 1);
    await world.clock.advance(3_000);
    let calls = 0;
    const call = async () => {
      const gateway = pick(world.gateways, random);
      assert.ok(gateway);
      calls += 1;
      return await world.call(gateway, spec, `${seed}-${calls}`);
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const crowd = await passed(world, Promise.all(Array.from({ length: 6 }, call)));
      assert.ok(crowd.includes('ok'), `seed ${seed}: ${crowd.join(', ')}`);
      await world.clock.advance(REFUSED_MS);
      for (let each = 0; each < 3; each += 1)
        assert.equal(await passed(world, call()), 'ok', `seed ${seed}, round ${round}`);
    }
    assert.equal(world.violation, undefined);
    assert.equal(world.observer.most, 1, 'nothing else was called');
  }
});

/** Lets time pass until it is known. */
async function passed<T>(world: World, pending: Promise<T>): Promise<T> {
  let over = false;
  const settled = pending.finally(() => {
    over = true;
  });
  while (!over) await world.clock.advance(STEP_MS);
  return await settled;
}
