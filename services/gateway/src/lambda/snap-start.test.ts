import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  PublishVersionCommand,
  PutProvisionedConcurrencyConfigCommand,
  type Runtime,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { RESTORE_ERRORS } from '@lambent/core';
import { zipOf } from '@lambent/testing';
import { CREATE, completion, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const SNAP_START = { Runtime: 'python3.13', SnapStart: { ApplyOn: 'PublishedVersions' } } as const;

const create = ({ client }: TestGateway, input: Partial<CreateFunctionCommandInput> = {}) =>
  client.send(new CreateFunctionCommand({ ...CREATE, ...SNAP_START, ...input }));
const publish = ({ client }: TestGateway) => client.send(new PublishVersionCommand({ FunctionName: 'f' }));
const get = ({ client }: TestGateway, Qualifier?: string) =>
  client.send(new GetFunctionConfigurationCommand({ FunctionName: 'f', Qualifier }));
const prepared = ({ prepared }: TestGateway) => prepared.map(spec => [spec.key?.version, spec.snapStart]);

suite('SnapStart', () => {
  test('it is for the runtimes that AWS has it for', async () => {
    await using open = await openTestGateway();
    const has: readonly Runtime[] = ['java11', 'java21', 'python3.12', 'python3.14', 'dotnet8', 'dotnet10'];
    for (const Runtime of has) await create(open, { FunctionName: Runtime.replace('.', '-'), Runtime });
    const lacks: readonly Runtime[] = ['nodejs24.x', 'python3.11', 'java8.al2', 'ruby3.4', 'provided.al2023'];
    for (const Runtime of lacks)
      await assert.rejects(
        create(open, { Runtime }),
        refusedWith(
          'InvalidParameterValueException',
          `${Runtime} is not supported for SnapStart enabled functions.`,
        ),
      );
  });

  test('a function that has it cannot move to a runtime without', async () => {
    await using open = await openTestGateway();
    await create(open);
    const update = { FunctionName: 'f', Runtime: 'nodejs24.x' } as const;
    await assert.rejects(
      open.client.send(new UpdateFunctionConfigurationCommand(update)),
      refusedWith(
        'InvalidParameterValueException',
        'nodejs24.x is not supported for SnapStart enabled functions.',
      ),
    );
    await open.client.send(
      new UpdateFunctionConfigurationCommand({ ...update, SnapStart: { ApplyOn: 'None' } }),
    );
  });

  test('a version that is published is pending in the answer, then on; $LATEST never is', async () => {
    await using open = await openTestGateway();
    await create(open);
    const one = await publish(open);
    assert.deepEqual(
      [one.State, one.StateReasonCode, one.SnapStart?.OptimizationStatus],
      ['Pending', 'Creating', 'On'],
    );
    const shown = await get(open, '1');
    assert.deepEqual([shown.State, shown.SnapStart?.OptimizationStatus], ['Active', 'On']);
    assert.deepEqual((await get(open)).SnapStart, {
      ApplyOn: 'PublishedVersions',
      OptimizationStatus: 'Off',
    });
  });

  test('whichever request publishes it, an environment of the version is to stand by', async () => {
    await using open = await openTestGateway();
    await create(open, { Publish: true });
    const ZipFile = await zipOf({ 'index.py': 'changed = 1' });
    await open.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile, Publish: true }));
    await open.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Timeout: 7 }));
    await publish(open);
    // The same again: nothing is published.
    await publish(open);
    assert.deepEqual(prepared(open), [
      ['1', true],
      ['2', true],
      ['3', true],
    ]);
  });

  test('without SnapStart nothing stands by', async () => {
    await using open = await openTestGateway();
    await create(open, { SnapStart: { ApplyOn: 'None' }, Publish: true });
    assert.deepEqual(prepared(open), []);
  });

  test('a version stands by in this way or is provisioned', async () => {
    await using open = await openTestGateway();
    await create(open, { Publish: true });
    await assert.rejects(
      open.client.send(
        new PutProvisionedConcurrencyConfigCommand({
          FunctionName: 'f',
          Qualifier: '1',
          ProvisionedConcurrentExecutions: 1,
        }),
      ),
      refusedWith(
        'InvalidParameterValueException',
        'Provisioned Concurrency is not supported for SnapStart enabled functions.',
      ),
    );
  });

  test('a call whose environment could not be restored is an error of AWS’s', async () => {
    await using open = await openTestGateway();
    await create(open, { Publish: true });
    const call = () => open.client.send(new InvokeCommand({ FunctionName: 'f', Qualifier: '1' }));
    for (const [errorType, name, status] of [
      [RESTORE_ERRORS.failed, 'SnapStartException', 400],
      [RESTORE_ERRORS.timedOut, 'SnapStartTimeoutException', 408],
    ] as const) {
      open.invoker.answer = async () =>
        completion({ kind: 'unhandled', errorType, payload: Buffer.from('{}') });
      await assert.rejects(call(), (error: Error & { $metadata: { httpStatusCode: number } }) => {
        assert.deepEqual([error.name, error.$metadata.httpStatusCode], [name, status]);
        return true;
      });
    }
  });
});
