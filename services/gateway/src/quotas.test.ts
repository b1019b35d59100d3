/** AWS's limits as an operator has set them, on each of the paths that they bound. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  GetAccountSettingsCommand,
  InvokeCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import type { Quotas } from '@lambent/core';
import { zipOf } from '@lambent/testing';
import { CREATE, openTestGateway, refusedWith } from './open-test-gateway.ts';

async function openWithFunction(quotas: Partial<Quotas>) {
  const open = await openTestGateway({}, { quotas });
  await open.client.send(new CreateFunctionCommand(CREATE));
  return open;
}

/** A member of the configuration at its bound, one beyond it, and what is said of that. */
const BOUNDED: readonly (readonly [Partial<Quotas>, (value: number) => object, number, string, RegExp])[] = [
  [
    { timeoutSeconds: 901 },
    Timeout => ({ Timeout }),
    901,
    'ValidationException',
    /'timeout' failed to satisfy constraint: Member must have value less than or equal to 901$/,
  ],
  [
    { memoryMb: 10_300 },
    MemorySize => ({ MemorySize }),
    10_300,
    'ValidationException',
    /'memorySize' .* less than or equal to 10300$/,
  ],
  [
    { ephemeralStorageMb: 10_300 },
    Size => ({ EphemeralStorage: { Size } }),
    10_300,
    'ValidationException',
    /'ephemeralStorage.size' .* less than or equal to 10300$/,
  ],
  [
    { environmentBytes: 5_120 },
    length => ({ Environment: { Variables: { KEY: 'x'.repeat(length - '{"KEY":""}'.length) } } }),
    5_120,
    'InvalidParameterValueException',
    /exceeded the 5KB limit/,
  ],
];

suite("AWS's limits", () => {
  for (const [quotas, member, bound, name, message] of BOUNDED)
    test(`of ${Object.keys(quotas)} are as high as they are set, in creating and in updating`, async () => {
      await using open = await openWithFunction(quotas);
      const create = (value: number, FunctionName: string) =>
        open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName, ...member(value) }));
      const update = (value: number) =>
        open.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', ...member(value) }));
      await create(bound, 'g');
      await assert.rejects(create(bound + 1, 'h'), refusedWith(name, message));
      await update(bound);
      await assert.rejects(update(bound + 1), refusedWith(name, message));
    });

  test('of packages are as high as they are set, zipped and unzipped', async () => {
    const small = await zipOf({ 'index.js': 'x'.repeat(1_000) });
    const large = await zipOf({ 'index.js': 'x'.repeat(1_001) });
    const quotas = { codeZippedBytes: small.length, codeUnzippedBytes: 1_000 };
    await using open = await openTestGateway({}, { quotas });
    const create = (ZipFile: Uint8Array, FunctionName = 'f') => {
      const input: CreateFunctionCommandInput = { ...CREATE, FunctionName, Code: { ZipFile } };
      return open.client.send(new CreateFunctionCommand(input));
    };
    const update = (ZipFile: Uint8Array) =>
      open.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile }));
    await create(small);
    await update(small);
    const unzipped = refusedWith(
      'InvalidParameterValueException',
      'Unzipped size must be smaller than 1000 bytes',
    );
    await assert.rejects(create(large, 'g'), unzipped);
    await assert.rejects(update(large), unzipped);
    const zipped = refusedWith(
      'RequestEntityTooLargeException',
      `Zipped size must be smaller than ${small.length} bytes`,
    );
    await assert.rejects(update(Buffer.concat([small, Buffer.alloc(1)])), zipped);
    const { AccountLimit } = await open.client.send(new GetAccountSettingsCommand({}));
    assert.deepEqual([AccountLimit?.CodeSizeZipped, AccountLimit?.CodeSizeUnzipped], [small.length, 1_000]);
  });

  test('of a request that carries a package follow from that of the package', async () => {
    await using open = await openTestGateway({}, { quotas: { codeZippedBytes: 3_000 } });
    await assert.rejects(
      open.client.send(new CreateFunctionCommand({ ...CREATE, Code: { ZipFile: Buffer.alloc(300_000) } })),
      refusedWith(
        'RequestEntityTooLargeException',
        'Request must be smaller than 266144 bytes for the CreateFunction operation',
      ),
    );
  });

  test('of events are as high as they are set, waited for and not', async () => {
    await using open = await openWithFunction({ invokeRequestBytes: 100, asyncRequestBytes: 50 });
    const invoke = (bytes: number, InvocationType: 'RequestResponse' | 'Event') =>
      open.client.send(
        new InvokeCommand({
          FunctionName: 'f',
          InvocationType,
          Payload: Buffer.from(`"${'x'.repeat(bytes - 2)}"`),
        }),
      );
    assert.equal((await invoke(100, 'RequestResponse')).StatusCode, 200);
    assert.equal((await invoke(50, 'Event')).StatusCode, 202);
    const refused = (message: string) => refusedWith('RequestEntityTooLargeException', message);
    await assert.rejects(
      invoke(101, 'RequestResponse'),
      refused('Request must be smaller than 100 bytes for the InvokeFunction operation'),
    );
    await assert.rejects(
      invoke(51, 'Event'),
      refused('51 byte payload is too large for the Event invocation type (limit 50 bytes)'),
    );
  });

  test('of layers are as high as they are set', async () => {
    await using open = await openWithFunction({ layers: 6 });
    const layer = (version: number) => `arn:aws:lambda:us-east-1:000000000000:layer:l:${version}`;
    const update = (count: number) =>
      open.client.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'f',
          Layers: Array.from({ length: count }, (_, index) => layer(index + 1)),
        }),
      );
    await assert.rejects(
      update(7),
      refusedWith('InvalidParameterValueException', 'Cannot reference more than 6 layers.'),
    );
    // As many may be named; none of them is there.
    await assert.rejects(update(6), refusedWith('InvalidParameterValueException', /:1 does not exist\.$/));
  });

  test('of filters are as high as they are set', async () => {
    await using open = await openWithFunction({ eventFilters: 6 });
    const create = (count: number) =>
      open.client.send(
        new CreateEventSourceMappingCommand({
          FunctionName: 'f',
          EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q',
          FilterCriteria: { Filters: Array(count).fill({ Pattern: '{"body":["x"]}' }) },
        }),
      );
    await assert.rejects(create(7), refusedWith('InvalidParameterValueException', /at most 6 filters/));
    await create(6);
  });
});
