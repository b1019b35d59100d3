/** How long environments live, on a machine of small memory where they are frozen between invocations and wear out. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type LambentProcess, startLambent } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';

const USES_MAX = 3;
/** Eight environments of the default size. */
const MEMORY_MB = 1_024;
const FUNCTIONS = 12;
const COUNTER = {
  'index.mjs': `let calls = 0;
    export const handler = async () => ({ environment: process.env.AWS_LAMBDA_LOG_STREAM_NAME, call: ++calls });`,
};

describe('with memory for eight environments, frozen when idle and replaced after three invocations', () => {
  let lambent: LambentProcess;

  before(async () => {
    lambent = await startLambent({
      env: {
        LAMBENT_WORKER_MEMORY_MB: String(MEMORY_MB),
        LAMBENT_WORKER_FREEZE_IDLE: 'true',
        LAMBENT_WORKER_ENVIRONMENT_USES_MAX: String(USES_MAX),
      },
    });
  });
  after(() => lambent?.[Symbol.asyncDispose]());

  test('an environment serves three invocations, the next one another, and none fails', async () => {
    const counter = await deploy(lambent.client(), { files: COUNTER });
    const served = [];
    for (let call = 0; call < 3 * USES_MAX; call += 1) served.push(await callOf(counter));
    assert.deepEqual(
      served.map(({ call }) => call),
      [1, 2, 3, 1, 2, 3, 1, 2, 3],
    );
    assert.equal(new Set(served.map(({ environment }) => environment)).size, 3);
  });

  test('twelve functions take turns where eight have room', async () => {
    const client = lambent.client();
    const functions = await Promise.all(
      Array.from({ length: FUNCTIONS }, () => deploy(client, { files: COUNTER })),
    );
    for (let round = 1; round <= 2; round += 1)
      for (const one of functions) assert.ok((await callOf(one)).call >= 1);
  });
});

async function callOf(counter: DeployedFunction): Promise<{ environment: string; call: number }> {
  const { payload, functionError } = await counter.invoke();
  assert.equal(functionError, undefined);
  return payload as { environment: string; call: number };
}
