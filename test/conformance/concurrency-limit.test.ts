/** The account's concurrency limit: what is within it is served, what is beyond it is refused as AWS does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TooManyRequestsException } from '@aws-sdk/client-lambda';
import { type LambentProcess, startLambent } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';

const LIMIT = 3;
const SLEEPER = {
  'index.mjs':
    'export const handler = event => new Promise(resolve => setTimeout(resolve, event.ms, "awake"));',
};

describe('with a concurrency limit of three', () => {
  let lambent: LambentProcess;
  let functions: readonly DeployedFunction[];

  before(async () => {
    lambent = await startLambent({ env: { LAMBENT_ACCOUNT_CONCURRENCY: String(LIMIT) } });
    const client = lambent.client();
    functions = await Promise.all(
      ['one', 'two', 'three', 'four'].map(name => deploy(client, { name, files: SLEEPER })),
    );
  });
  after(() => lambent?.[Symbol.asyncDispose]());

  test('three callers who go from function to function are never refused', async () => {
    const callers = Array.from({ length: LIMIT }, async (_, caller) => {
      for (let call = 0; call < 30; call++) {
        const { payload } = await chosen(functions, caller + call).invoke({ ms: 5 });
        assert.equal(payload, 'awake');
      }
    });
    await Promise.all(callers);
  });

  test('of eight at once three run, and the others are told so before those have ended', async () => {
    const sleeping = new Set<number>();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async (_, caller) => {
        sleeping.add(caller);
        try {
          return (await chosen(functions, caller).invoke({ ms: 2_500 })).payload;
        } catch (error) {
          assert.ok(error instanceof TooManyRequestsException, String(error));
          assert.equal(error.Reason, 'ConcurrentInvocationLimitExceeded');
          assert.ok(sleeping.size > LIMIT, 'told while the three still ran');
          return 'refused';
        } finally {
          sleeping.delete(caller);
        }
      }),
    );
    assert.deepEqual(outcomes.toSorted(), [
      ...Array.from({ length: LIMIT }, () => 'awake'),
      ...Array.from({ length: 8 - LIMIT }, () => 'refused'),
    ]);
  });

  test('once they have ended there is room again', async () => {
    assert.equal((await chosen(functions, 0).invoke({ ms: 1 })).payload, 'awake');
  });
});

function chosen(functions: readonly DeployedFunction[], index: number): DeployedFunction {
  const each = functions[index % functions.length];
  assert.ok(each);
  return each;
}
