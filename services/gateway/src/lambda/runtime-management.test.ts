import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  GetRuntimeManagementConfigCommand,
  PublishVersionCommand,
  PutRuntimeManagementConfigCommand,
  type PutRuntimeManagementConfigCommandInput,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ARN, CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

async function openWithFunction(): Promise<TestGateway> {
  const open = await openTestGateway();
  await open.client.send(new CreateFunctionCommand(CREATE));
  return open;
}

async function put(open: TestGateway, input: Partial<PutRuntimeManagementConfigCommandInput>) {
  const { $metadata: _, ...shown } = await open.client.send(
    new PutRuntimeManagementConfigCommand({ FunctionName: 'f', UpdateRuntimeOn: 'Auto', ...input }),
  );
  return shown;
}

async function get({ client }: TestGateway, Qualifier?: string) {
  const { $metadata: _, ...shown } = await client.send(
    new GetRuntimeManagementConfigCommand({ FunctionName: 'f', ...(Qualifier && { Qualifier }) }),
  );
  return shown;
}

/** What the function runs on now. */
async function runtimeOf({ client }: TestGateway) {
  const { RuntimeVersionConfig: config } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName: 'f' }),
  );
  return config?.RuntimeVersionArn ?? '';
}

suite('When a runtime may become a newer one', () => {
  test('is Auto until somebody chooses, of each version by itself', async () => {
    await using open = await openWithFunction();
    assert.deepEqual(await get(open), { UpdateRuntimeOn: 'Auto', FunctionArn: `${ARN}:$LATEST` });
    await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
    const RuntimeVersionArn = await runtimeOf(open);
    const manual = { UpdateRuntimeOn: 'Manual' as const, RuntimeVersionArn };
    assert.deepEqual(await put(open, { Qualifier: '1', ...manual }), { FunctionArn: `${ARN}:1`, ...manual });
    assert.deepEqual(await get(open, '1'), { FunctionArn: `${ARN}:1`, ...manual });
    assert.equal((await get(open)).UpdateRuntimeOn, 'Auto');
    await put(open, { UpdateRuntimeOn: 'FunctionUpdate' });
    assert.equal((await get(open, '$LATEST')).UpdateRuntimeOn, 'FunctionUpdate');
  });

  test('names a runtime where it is manual, one that is there, and only then', async () => {
    await using open = await openWithFunction();
    const RuntimeVersionArn = await runtimeOf(open);
    await assert.rejects(
      put(open, { UpdateRuntimeOn: 'Manual' }),
      refusedWith('InvalidParameterValueException', /must be specified/),
    );
    await assert.rejects(
      put(open, { RuntimeVersionArn }),
      refusedWith('InvalidParameterValueException', /only when UpdateRuntimeOn is Manual/),
    );
    const other = `${RuntimeVersionArn}0`;
    await assert.rejects(
      put(open, { UpdateRuntimeOn: 'Manual', RuntimeVersionArn: other }),
      refusedWith('InvalidParameterValueException', /does not exist for the runtime nodejs24\.x/),
    );
  });

  test('is chosen anew for another runtime', async () => {
    await using open = await openWithFunction();
    await put(open, { UpdateRuntimeOn: 'Manual', RuntimeVersionArn: await runtimeOf(open) });
    await open.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Timeout: 4 }));
    assert.equal((await get(open)).UpdateRuntimeOn, 'Manual');
    await open.client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Runtime: 'python3.13' }),
    );
    assert.equal((await get(open)).UpdateRuntimeOn, 'Auto');
  });

  test('is a matter of versions, not of aliases, and of functions that are there', async () => {
    await using open = await openWithFunction();
    await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
    await open.client.send(new CreateAliasCommand({ FunctionName: 'f', Name: 'a', FunctionVersion: '1' }));
    for (const Qualifier of ['a', '2'])
      await assert.rejects(
        get(open, Qualifier),
        refusedWith('ResourceNotFoundException', `Function not found: ${ARN}:${Qualifier}`),
      );
    await assert.rejects(
      put(open, { FunctionName: 'g' }),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN.replace(/f$/, 'g')}`),
    );
  });
});
