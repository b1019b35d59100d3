import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  type ListEventSourceMappingsCommandInput,
  ListTagsCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { ARN, CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000';
const NOBODY_POLLS = /^Lambent does not poll this kind of event source yet/;

async function openWithFunction(): Promise<TestGateway> {
  const open = await openTestGateway();
  await open.client.send(new CreateFunctionCommand(CREATE));
  return open;
}

async function create({ client }: TestGateway, input: Partial<CreateEventSourceMappingCommandInput> = {}) {
  const command = new CreateEventSourceMappingCommand({ FunctionName: 'f', EventSourceArn: QUEUE, ...input });
  const { $metadata, LastModified, ...mapping } = await client.send(command);
  assert.equal($metadata.httpStatusCode, 202);
  assert.ok(LastModified instanceof Date);
  return { ...mapping, UUID: mapping.UUID ?? '' };
}

async function update({ client }: TestGateway, input: UpdateEventSourceMappingCommandInput) {
  return client.send(new UpdateEventSourceMappingCommand(input));
}

async function get({ client }: TestGateway, UUID: string) {
  return client.send(new GetEventSourceMappingCommand({ UUID }));
}

async function list({ client }: TestGateway, input: ListEventSourceMappingsCommandInput) {
  const { EventSourceMappings = [], NextMarker } = await client.send(
    new ListEventSourceMappingsCommand(input),
  );
  return { uuids: EventSourceMappings.map(({ UUID }) => UUID), NextMarker };
}

suite('An event source mapping', () => {
  test("of a queue has AWS's defaults, and does not claim to be polled", async () => {
    await using open = await openWithFunction();
    const created = await create(open);
    assert.deepEqual(created, {
      UUID: created.UUID,
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${created.UUID}`,
      EventSourceArn: QUEUE,
      FunctionArn: ARN,
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      FunctionResponseTypes: [],
      State: 'Creating',
      StateTransitionReason: 'USER_INITIATED',
    });
    const got = await get(open, created.UUID);
    assert.equal(got.State, 'Disabled');
    assert.match(got.StateTransitionReason ?? '', NOBODY_POLLS);
  });

  test('of a stream likewise', async () => {
    await using open = await openWithFunction();
    const start = new Date(1_700_000_000_000);
    const created = await create(open, {
      EventSourceArn: STREAM,
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: start,
      Enabled: false,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    const got = await get(open, created.UUID);
    const { $metadata: _, LastModified: __, UUID: ___, EventSourceMappingArn: ____, ...shown } = got;
    assert.deepEqual(shown, {
      EventSourceArn: STREAM,
      FunctionArn: ARN,
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: start,
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
      MaximumRecordAgeInSeconds: -1,
      MaximumRetryAttempts: -1,
      BisectBatchOnFunctionError: false,
      TumblingWindowInSeconds: 0,
      FunctionResponseTypes: [],
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
      LastProcessingResult: 'No records processed',
      State: 'Disabled',
      StateTransitionReason: 'User action',
    });
  });

  test('is updated member by member, with the state that it passes through', async () => {
    await using open = await openWithFunction();
    const Pattern = JSON.stringify({ body: { kind: ['new'] } });
    const { UUID } = await create(open, { FilterCriteria: { Filters: [{ Pattern }] } });
    const updated = await update(open, { UUID, BatchSize: 5 });
    assert.deepEqual([updated.State, updated.BatchSize], ['Updating', 5]);
    assert.deepEqual(updated.FilterCriteria, { Filters: [{ Pattern }] });
    assert.equal((await update(open, { UUID, Enabled: false })).State, 'Disabling');
    assert.equal((await get(open, UUID)).StateTransitionReason, 'USER_INITIATED');
    assert.equal((await update(open, { UUID, Enabled: true, FilterCriteria: {} })).State, 'Enabling');
    const got = await get(open, UUID);
    assert.deepEqual(got.FilterCriteria, {});
    assert.equal(got.BatchSize, 5);
  });

  test('is there once for a source and a function, and names the one that is there', async () => {
    await using open = await openWithFunction();
    await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
    const first = await create(open);
    await assert.rejects(
      create(open, { FunctionName: ARN }),
      refusedWith(
        'ResourceConflictException',
        `An event source mapping with SQS arn (" ${QUEUE} ") and function (" ${ARN} ") already exists. Please update or delete the existing mapping with UUID ${first.UUID}`,
      ),
    );
    const second = await create(open, { FunctionName: 'f:1' });
    assert.equal(second.FunctionArn, `${ARN}:1`);
    const stream = { EventSourceArn: STREAM, StartingPosition: 'LATEST' as const };
    const third = await create(open, stream);
    await assert.rejects(
      create(open, stream),
      refusedWith(
        'ResourceConflictException',
        `The event source arn (" ${STREAM} ") and function (" ${ARN} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${third.UUID}`,
      ),
    );
    await assert.rejects(
      update(open, { UUID: second.UUID, FunctionName: 'f' }),
      refusedWith('ResourceConflictException', new RegExp(`UUID ${first.UUID}$`)),
    );
  });

  test('outlives its function, and is gone when it is deleted itself', async () => {
    await using open = await openWithFunction();
    const { UUID } = await create(open);
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    assert.equal((await get(open, UUID)).FunctionArn, ARN);
    const deleted = await open.client.send(new DeleteEventSourceMappingCommand({ UUID }));
    assert.deepEqual([deleted.$metadata.httpStatusCode, deleted.State], [202, 'Deleting']);
    const gone = refusedWith('ResourceNotFoundException', 'The resource you requested does not exist.');
    await assert.rejects(get(open, UUID), gone);
    await assert.rejects(update(open, { UUID, BatchSize: 1 }), gone);
    await assert.rejects(open.client.send(new DeleteEventSourceMappingCommand({ UUID })), gone);
  });

  test('is listed by source and by function, page by page', async () => {
    await using open = await openWithFunction();
    await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName: 'g' }));
    const one = (await create(open)).UUID;
    const two = (await create(open, { FunctionName: 'g' })).UUID;
    const three = (await create(open, { EventSourceArn: `${QUEUE}2` })).UUID;
    assert.deepEqual((await list(open, { FunctionName: 'g' })).uuids, [two]);
    assert.deepEqual((await list(open, { EventSourceArn: QUEUE })).uuids.sort(), [one, two].sort());
    assert.deepEqual((await list(open, { EventSourceArn: QUEUE, FunctionName: ARN })).uuids, [one]);
    const first = await list(open, { MaxItems: 2 });
    const rest = await list(open, { MaxItems: 2, Marker: first.NextMarker });
    assert.deepEqual([...first.uuids, ...rest.uuids], [one, two, three].sort());
    assert.equal(rest.NextMarker, undefined);
    await assert.rejects(
      list(open, { Marker: '%' }),
      refusedWith('InvalidParameterValueException', 'Invalid Marker.'),
    );
  });

  test('has tags', async () => {
    await using open = await openWithFunction();
    const { EventSourceMappingArn: Resource = '' } = await create(open, { Tags: { a: '1' } });
    const tags = async () => (await open.client.send(new ListTagsCommand({ Resource }))).Tags;
    await open.client.send(new TagResourceCommand({ Resource, Tags: { b: '2' } }));
    assert.deepEqual(await tags(), { a: '1', b: '2' });
    await open.client.send(new UntagResourceCommand({ Resource, TagKeys: ['a'] }));
    assert.deepEqual(await tags(), { b: '2' });
  });

  const KAFKA: Partial<CreateEventSourceMappingCommandInput> = {
    EventSourceArn: undefined,
    SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['a:9092'] } },
    SourceAccessConfigurations: [{ Type: 'BASIC_AUTH', URI: 'arn:aws:secretsmanager:x' }],
    Topics: ['events'],
    StartingPosition: 'LATEST',
  };

  test("of a Kafka cluster of one's own needs what reaches it", async () => {
    await using open = await openWithFunction();
    const { SourceAccessConfigurations: _, ...without } = KAFKA;
    await assert.rejects(
      create(open, without),
      refusedWith(
        'InvalidParameterValueException',
        "Required 'sourceAccessConfigurations' parameter is missing.",
      ),
    );
    const created = await create(open, KAFKA);
    assert.deepEqual(created.SelfManagedEventSource, KAFKA.SelfManagedEventSource);
    assert.equal(created.BatchSize, 100);
  });

  const STREAMING = { EventSourceArn: STREAM, StartingPosition: 'LATEST' as const };
  const REFUSALS: readonly (readonly [Partial<CreateEventSourceMappingCommandInput>, string | RegExp])[] = [
    [{ FunctionName: 'nobody' }, 'Function does not exist'],
    [{ FunctionName: 'f:nobody' }, 'Function does not exist'],
    [{ EventSourceArn: 'arn:aws:sns:us-east-1:000000000000:t' }, 'Unrecognized event source.'],
    [{ EventSourceArn: undefined }, 'Unrecognized event source.'],
    [
      { EventSourceArn: STREAM },
      /Value null at 'startingPosition' failed to satisfy constraint: Member must not be null\.$/,
    ],
    [
      { EventSourceArn: TABLE, StartingPosition: 'AT_TIMESTAMP' },
      `Unsupported starting position for arn type: ${TABLE}`,
    ],
    [{ ...STREAMING, StartingPosition: 'AT_TIMESTAMP' }, /^StartingPositionTimestamp goes with/],
    [{ ...STREAMING, StartingPositionTimestamp: new Date(0) }, /^StartingPositionTimestamp goes with/],
    [
      {
        ...STREAMING,
        StartingPosition: 'AT_TIMESTAMP',
        StartingPositionTimestamp: new Date('2999-01-01'),
      },
      'StartingPositionTimestamp cannot be in the future.',
    ],
    [
      { BatchSize: 11 },
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    ],
    [{ EventSourceArn: `${QUEUE}.fifo`, BatchSize: 11 }, 'Maximum batch size of this event source is 10.'],
    [
      { BisectBatchOnFunctionError: true },
      'Unsupported BisectBatchOnFunctionError parameter for given event source mapping type.',
    ],
    [
      { ...STREAMING, ScalingConfig: { MaximumConcurrency: 2 } },
      'Unsupported ScalingConfig parameter for given event source mapping type.',
    ],
    [
      { ...STREAMING, DestinationConfig: { OnSuccess: { Destination: QUEUE } } },
      'Unsupported DestinationConfig parameter for given event source mapping type.',
    ],
    [
      { ...STREAMING, DestinationConfig: { OnFailure: { Destination: ARN } } },
      `The destination ARN ${ARN} is invalid.`,
    ],
    [{ ...STREAMING, MaximumRecordAgeInSeconds: 30 }, /must be -1 or at least 60/],
    [{ FilterCriteria: { Filters: [{ Pattern: '{"body":"x"}' }] } }, 'Invalid filter pattern definition.'],
    [{ FilterCriteria: { Filters: [{}] } }, 'Invalid filter pattern definition.'],
    [{ FilterCriteria: { Filters: Array(6).fill({ Pattern: '{"body":["x"]}' }) } }, /at most 5 filters/],
    [
      { ScalingConfig: { MaximumConcurrency: 2 }, ProvisionedPollerConfig: { MinimumPollers: 2 } },
      /cannot be used together/,
    ],
    [{ ProvisionedPollerConfig: { MinimumPollers: 3, MaximumPollers: 2 } }, /must not be greater/],
  ];

  test("is refused in AWS's words where it cannot be", async () => {
    await using open = await openWithFunction();
    for (const [input, message] of REFUSALS)
      await assert.rejects(
        create(open, input),
        refusedWith('InvalidParameterValueException', message),
        JSON.stringify(input),
      );
    await assert.rejects(
      create(open, { BatchSize: 0, ParallelizationFactor: 11 }),
      refusedWith('ValidationException', /^2 validation errors detected: /),
    );
  });
});
