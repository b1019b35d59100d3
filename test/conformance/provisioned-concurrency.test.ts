/** Provisioned concurrency: so many environments of a version are ready, and nobody waits for their inits. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  DeleteProvisionedConcurrencyConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  type LambdaClient,
  PublishVersionCommand,
  PutProvisionedConcurrencyConfigCommand,
} from '@aws-sdk/client-lambda';
import { waitFor } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';
import { openTarget, type Target } from './target.ts';

const PROVISIONED = 2;
/** Tells what it was started for, and sleeps so that calls at once need an environment each. */
const TELLER = {
  'index.mjs': `
    if (process.env.BROKEN) throw new Error('broken');
    export const handler = async ({ ms }) => {
      await new Promise(resolve => setTimeout(resolve, ms));
      return process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
    };`,
};

describe('provisioned concurrency', () => {
  let target: Target;
  let client: LambdaClient;
  let teller: DeployedFunction;

  before(async () => {
    target = await openTarget();
    client = target.client();
    teller = await deploy(client, { files: TELLER });
  });
  after(() => target?.[Symbol.asyncDispose]());

  const provision = async ({ name }: DeployedFunction) => {
    const { Version: Qualifier } = await client.send(new PublishVersionCommand({ FunctionName: name }));
    const request = { FunctionName: name, Qualifier };
    const accepted = await client.send(
      new PutProvisionedConcurrencyConfigCommand({
        ...request,
        ProvisionedConcurrentExecutions: PROVISIONED,
      }),
    );
    assert.equal(accepted.Status, 'IN_PROGRESS');
    return request;
  };
  const standing = (request: { FunctionName: string; Qualifier: string | undefined }) =>
    client.send(new GetProvisionedConcurrencyConfigCommand(request));

  test('becomes ready; calls at once up to it wait for no init, one more has an environment on demand', async () => {
    const request = await provision(teller);
    await waitFor('ready', async () => (await standing(request)).Status === 'READY', { timeoutMs: 60_000 });
    const ready = await standing(request);
    assert.equal(ready.AllocatedProvisionedConcurrentExecutions, PROVISIONED);
    assert.equal(ready.AvailableProvisionedConcurrentExecutions, PROVISIONED);
    const at = (calls: number) =>
      Promise.all(
        Array.from({ length: calls }, async () => {
          const { payload } = await teller.invoke({ ms: 1_500 }, { Qualifier: request.Qualifier });
          return payload;
        }),
      );
    assert.deepEqual(await at(PROVISIONED), ['provisioned-concurrency', 'provisioned-concurrency']);
    const more = await at(PROVISIONED + 1);
    assert.deepEqual(more.toSorted(), ['on-demand', 'provisioned-concurrency', 'provisioned-concurrency']);

    await client.send(new DeleteProvisionedConcurrencyConfigCommand(request));
    await waitFor(
      'none to be left',
      async () => {
        const { payload } = await teller.invoke({ ms: 0 }, { Qualifier: request.Qualifier });
        return payload === 'on-demand';
      },
      { timeoutMs: 60_000 },
    );
  });

  test('a version whose init fails has failed, with the reason', async () => {
    const broken = await deploy(client, { files: TELLER, variables: { BROKEN: '1' } });
    const request = await provision(broken);
    await waitFor('failed', async () => (await standing(request)).Status === 'FAILED', { timeoutMs: 60_000 });
    assert.equal((await standing(request)).StatusReason, 'FUNCTION_ERROR_INIT_FAILURE');
    await client.send(new DeleteProvisionedConcurrencyConfigCommand(request));
  });
});
