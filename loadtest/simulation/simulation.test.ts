import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSeed } from './run-seed.ts';
import { PLANTED_BUGS } from './world.ts';

const SEEDS = 24;
/** Each planted bug shows itself in one of so many seeds. */
const SEEDS_TO_FIND = 100;

test('under faults, slots stay within their limit, no invocation starts twice, and work goes on', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const run = await runSeed({ seed });
    const again = `npm run simulate -- --from ${seed} --seeds 1 --verbose`;
    assert.equal(run.violation, undefined, again);
    assert.deepEqual(run.late, [], again);
    // Some limits are far below what is asked for; even there work is done all the time.
    assert.ok((run.ended['ok'] ?? 0) > run.calls / 10, `seed ${seed}: ${JSON.stringify(run.ended)}`);
  }
});

test('a seed gives the same run every time', async () => {
  assert.deepEqual(await runSeed({ seed: 7 }), await runSeed({ seed: 7 }));
});

for (const planted of PLANTED_BUGS) {
  test(`a planted bug is found: ${planted}`, async () => {
    for (let seed = 1; seed <= SEEDS_TO_FIND; seed += 1)
      if ((await runSeed({ seed, planted })).violation) return;
    assert.fail(`not in ${SEEDS_TO_FIND} seeds`);
  });
}
