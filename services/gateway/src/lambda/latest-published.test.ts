import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateCapacityProviderCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  type PublishVersionCommandInput,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { zipOf } from '@lambent/testing';
import { ARN, CREATE, openTestGateway, ROLE, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const PublishTo = 'LATEST_PUBLISHED' as const;

/** With the function f on a capacity provider, and g on none. */
async function openWithFunctions(): Promise<TestGateway> {
  const open = await openTestGateway();
  const { CapacityProvider } = await open.client.send(
    new CreateCapacityProviderCommand({
      CapacityProviderName: 'p',
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: [] },
      PermissionsConfig: { CapacityProviderOperatorRoleArn: ROLE },
    }),
  );
  const LambdaManagedInstancesCapacityProviderConfig = {
    CapacityProviderArn: CapacityProvider?.CapacityProviderArn,
  };
  const CapacityProviderConfig = { LambdaManagedInstancesCapacityProviderConfig };
  await open.client.send(new CreateFunctionCommand({ ...CREATE, CapacityProviderConfig }));
  await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName: 'g' }));
  return open;
}

const publish = ({ client }: TestGateway, input: Partial<PublishVersionCommandInput> = {}) =>
  client.send(new PublishVersionCommand({ FunctionName: 'f', PublishTo, ...input }));
const configure = ({ client }: TestGateway, Timeout: number) =>
  client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Timeout }));

/** The timeout that a call of $LATEST.PUBLISHED runs with. */
async function calledTimeoutMs(open: TestGateway) {
  await open.client.send(new InvokeCommand({ FunctionName: 'f', Qualifier: '$LATEST.PUBLISHED' }));
  return open.invoker.invocations.at(-1)?.spec.timeoutMs;
}

suite('$LATEST.PUBLISHED', () => {
  test('is replaced by each publication to it, and calls see that', async () => {
    await using open = await openWithFunctions();
    const first = await publish(open);
    assert.deepEqual([first.Version, first.FunctionArn], ['$LATEST.PUBLISHED', `${ARN}:$LATEST.PUBLISHED`]);
    assert.equal(await calledTimeoutMs(open), 3_000);
    await configure(open, 7);
    assert.equal(await calledTimeoutMs(open), 3_000);
    await publish(open);
    assert.equal(await calledTimeoutMs(open), 7_000);
    const { RevisionId } = await publish(open);
    const got = await open.client.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'f', Qualifier: '$LATEST.PUBLISHED' }),
    );
    assert.deepEqual([got.RevisionId, got.Timeout], [RevisionId, 7]);
  });

  test('takes no number, and stands among the versions', async () => {
    await using open = await openWithFunctions();
    await publish(open);
    assert.equal((await publish(open, { PublishTo: undefined })).Version, '1');
    const code = await open.client.send(
      new UpdateFunctionCodeCommand({
        FunctionName: 'f',
        ZipFile: await zipOf({ 'index.js': 'exports.handler = 1;' }),
        Publish: true,
        PublishTo,
      }),
    );
    assert.equal(code.Version, '$LATEST.PUBLISHED');
    const { Versions = [] } = await open.client.send(
      new ListVersionsByFunctionCommand({ FunctionName: 'f' }),
    );
    assert.deepEqual(
      Versions.map(version => version.Version),
      ['$LATEST', '$LATEST.PUBLISHED', '1'],
    );
  });

  test('is deleted as a version is', async () => {
    await using open = await openWithFunctions();
    await publish(open);
    const FunctionName = 'f';
    await open.client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '$LATEST.PUBLISHED' }));
    await assert.rejects(calledTimeoutMs(open), refusedWith('ResourceNotFoundException', /PUBLISHED$/));
    await publish(open);
    assert.equal(await calledTimeoutMs(open), 3_000);
  });

  test('is there for functions on a capacity provider, once something is published to it', async () => {
    await using open = await openWithFunctions();
    await assert.rejects(
      publish(open, { FunctionName: 'g' }),
      refusedWith('InvalidParameterValueException', /only for functions with a capacity provider/),
    );
    await assert.rejects(
      calledTimeoutMs(open),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN}:$LATEST.PUBLISHED`),
    );
  });
});
