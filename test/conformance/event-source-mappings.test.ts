/** What is configured of event sources, as AWS's own client configures it, at whichever gateway. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { deploy } from '../deployed-function.ts';
import { openTarget, type Target } from './target.ts';

const FILES = { 'index.mjs': 'export const handler = async event => event;' };

describe('event source mappings', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  test('are created, read, changed, listed, tagged and deleted, one of a source and a function', async () => {
    const { name: FunctionName } = await deploy(client, { files: FILES });
    const EventSourceArn = `arn:aws:sqs:us-east-1:000000000000:${FunctionName}`;
    const input = { FunctionName, EventSourceArn, Tags: { team: 'a' } };
    const create = () => client.send(new CreateEventSourceMappingCommand(input));
    const { UUID = '', EventSourceMappingArn: Resource = '', State } = await create();
    assert.equal(State, 'Creating');
    await assert.rejects(create(), {
      name: 'ResourceConflictException',
      message: new RegExp(`Please update or delete the existing mapping with UUID ${UUID}$`),
    });
    const updated = await client.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 3 }));
    assert.equal(updated.State, 'Updating');
    const got = await client.send(new GetEventSourceMappingCommand({ UUID }));
    assert.deepEqual([got.BatchSize, got.State], [3, 'Disabled']);
    const { EventSourceMappings = [] } = await client.send(
      new ListEventSourceMappingsCommand({ FunctionName }),
    );
    assert.deepEqual(
      EventSourceMappings.map(mapping => mapping.UUID),
      [UUID],
    );
    assert.deepEqual((await client.send(new ListTagsCommand({ Resource }))).Tags, { team: 'a' });
    const deleted = await client.send(new DeleteEventSourceMappingCommand({ UUID }));
    assert.equal(deleted.State, 'Deleting');
    await assert.rejects(client.send(new GetEventSourceMappingCommand({ UUID })), {
      name: 'ResourceNotFoundException',
    });
  });

  test('are refused when their pattern is none', async () => {
    const { name: FunctionName } = await deploy(client, { files: FILES });
    const command = new CreateEventSourceMappingCommand({
      FunctionName,
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q',
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":"b"}}' }] },
    });
    await assert.rejects(client.send(command), {
      name: 'InvalidParameterValueException',
      message: 'Invalid filter pattern definition.',
    });
  });
});
