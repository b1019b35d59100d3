/** Functions on a capacity provider, and what is published of them without a number. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  CreateCapacityProviderCommand,
  CreateFunctionCommand,
  DeleteCapacityProviderCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  type LambdaClient,
  ListFunctionVersionsByCapacityProviderCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { waitFor, zipOf } from '@lambent/testing';
import { ROLE, WAIT } from '../deployed-function.ts';
import { openTarget, type Target } from './target.ts';

const codeOf = (answer: string) =>
  zipOf({
    'index.mjs': `export const handler = async (_, { functionVersion }) => [functionVersion, '${answer}'];`,
  });

describe('capacity providers', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  test('have functions, whose $LATEST.PUBLISHED is what was published to it last', async () => {
    const CapacityProviderName = `p-${randomUUID().slice(0, 8)}`;
    const FunctionName = `on-${CapacityProviderName}`;
    const { CapacityProvider } = await client.send(
      new CreateCapacityProviderCommand({
        CapacityProviderName,
        VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: [] },
        PermissionsConfig: { CapacityProviderOperatorRoleArn: ROLE },
      }),
    );
    const { CapacityProviderArn } = CapacityProvider ?? {};
    await client.send(
      new CreateFunctionCommand({
        FunctionName,
        Role: ROLE,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: await codeOf('first') },
        CapacityProviderConfig: { LambdaManagedInstancesCapacityProviderConfig: { CapacityProviderArn } },
      }),
    );
    await waitUntilFunctionActiveV2({ client, ...WAIT }, { FunctionName });
    const publish = () =>
      client.send(new PublishVersionCommand({ FunctionName, PublishTo: 'LATEST_PUBLISHED' }));
    const call = async () => {
      const { Payload, ExecutedVersion } = await client.send(
        new InvokeCommand({ FunctionName, Qualifier: '$LATEST.PUBLISHED' }),
      );
      const [version, answer] = JSON.parse(Buffer.from(Payload ?? []).toString()) as string[];
      assert.deepEqual([ExecutedVersion, version], ['$LATEST.PUBLISHED', '$LATEST.PUBLISHED']);
      return answer;
    };
    await publish();
    await waitFor('the first answers', async () => (await call()) === 'first');
    await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: await codeOf('second') }));
    assert.equal(await call(), 'first');
    await publish();
    // Another gateway hears of it a moment later.
    await waitFor('the second answers', async () => (await call()) === 'second');
    const { FunctionVersions = [] } = await client.send(
      new ListFunctionVersionsByCapacityProviderCommand({ CapacityProviderName }),
    );
    assert.deepEqual(
      FunctionVersions.map(({ FunctionArn }) => FunctionArn?.split(':').at(-1)),
      ['$LATEST', '$LATEST.PUBLISHED'],
    );
    const remove = () => client.send(new DeleteCapacityProviderCommand({ CapacityProviderName }));
    await assert.rejects(remove(), { name: 'ResourceConflictException' });
    await client.send(new DeleteFunctionCommand({ FunctionName }));
    assert.equal((await remove()).CapacityProvider?.State, 'Deleting');
  });
});
