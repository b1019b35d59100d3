import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Random } from './random.ts';
import { SeededRandom } from './seeded-random.ts';
import { SystemRandom } from './system-random.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const random of [new SeededRandom(1), new SystemRandom()] as Random[]) {
  test(`${random.constructor.name}: fractions lie in [0, 1), bytes have their length, UUIDs their form`, () => {
    for (let turn = 0; turn < 1_000; turn++) {
      const fraction = random.fraction();
      assert.ok(fraction >= 0 && fraction < 1);
    }
    assert.equal(random.bytes(17).length, 17);
    assert.match(random.uuid(), UUID);
    assert.notEqual(random.uuid(), random.uuid());
  });
}

test('one seed gives one sequence, another seed another', () => {
  const sequence = (seed: number) => {
    const random = new SeededRandom(seed);
    return [random.fraction(), random.uuid(), ...random.bytes(4)];
  };
  assert.deepEqual(sequence(7), sequence(7));
  assert.notDeepEqual(sequence(7), sequence(8));
});
