import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { TooManyRequestsException } from '@aws-sdk/client-lambda';
import type { LambentProcess } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';
import { RunningCluster } from './running-cluster.ts';

const LIMIT = 8;
const SLEEPER = {
  'index.mjs':
    'export const handler = event => new Promise(resolve => setTimeout(resolve, event.ms, "awake"));',
};

suite('a cluster of two placements and two workers', () => {
  let cluster: RunningCluster;
  let placements: readonly LambentProcess[];

  before(async () => {
    cluster = await RunningCluster.start({ roles: ['worker', 'worker', 'gateway'] });
    const env = { LAMBENT_ACCOUNT_CONCURRENCY: String(LIMIT) };
    placements = await Promise.all([cluster.add('placement', env), cluster.add('placement', env)]);
  });
  after(() => cluster[Symbol.asyncDispose]());

  const sleeper = () => deploy(cluster.the('gateway').client(), { files: SLEEPER });

  test('callers that keep to the limit are never refused, wherever their functions run', async () => {
    const functions = await Promise.all(Array.from({ length: 4 }, sleeper));
    const callers = Array.from({ length: LIMIT }, async (_, caller) => {
      for (let call = 0; call < 30; call++)
        assert.equal((await chosen(functions, caller + call).invoke({ ms: 5 })).payload, 'awake');
    });
    await Promise.all(callers);
  });

  test('of twice as many as the limit allows exactly the others are refused', async () => {
    const asleep = await sleeper();
    const outcomes = await Promise.all(
      Array.from({ length: 2 * LIMIT }, () =>
        asleep.invoke({ ms: 3_000 }).then(
          ({ payload }) => payload,
          error => (error instanceof TooManyRequestsException ? 'refused' : error),
        ),
      ),
    );
    assert.deepEqual(
      outcomes.toSorted(),
      Array.from({ length: 2 * LIMIT }, (_, index) => (index < LIMIT ? 'awake' : 'refused')),
    );
  });

  test('a placement that is frozen costs a cold start less than a second', async () => {
    for (const placement of placements) {
      const cold = await sleeper();
      process.kill(placement.pid, 'SIGSTOP');
      try {
        const beganMs = performance.now();
        assert.equal((await cold.invoke({ ms: 0 })).payload, 'awake');
        const tookMs = performance.now() - beganMs;
        assert.ok(tookMs < 2_000, `${Math.round(tookMs)} ms`);
      } finally {
        process.kill(placement.pid, 'SIGCONT');
      }
    }
  });
});

function chosen(functions: readonly DeployedFunction[], index: number): DeployedFunction {
  const each = functions[index % functions.length];
  assert.ok(each);
  return each;
}
