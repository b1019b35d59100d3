/** Aliases as AWS's SDK for JavaScript uses them: what they point at is what runs, divided as their weights say. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CreateAliasCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  type LambdaClient,
  PublishVersionCommand,
  paginateListAliases,
  ResourceConflictException,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { waitFor } from '@lambent/testing';
import { type DeployedFunction, deploy, WAIT } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';
import { openTarget, type Target } from './target.ts';

const CODE = {
  'index.mjs': `export const handler = async (event, context) => {
    console.log('ran', event.name, process.env.EDITION, context.invokedFunctionArn);
    return process.env.EDITION;
  };`,
};
/** Of chance: both versions are all but certain to run, and their shares to be near what was asked. */
const CALLS = 300;

describe('aliases', () => {
  let lambent: Target;
  let client: LambdaClient;
  let deployed: DeployedFunction;
  let FunctionName: string;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
    deployed = await deploy(client, { files: CODE });
    FunctionName = deployed.name;
    for (const EDITION of ['first', 'second']) {
      await client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: { EDITION } } }),
      );
      await waitUntilFunctionUpdatedV2({ client, ...WAIT }, { FunctionName });
      await client.send(new PublishVersionCommand({ FunctionName }));
    }
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
  });
  after(() => lambent?.[Symbol.asyncDispose]());

  const runLive = () => deployed.invoke({}, { Qualifier: 'live' });

  test('an alias runs the version that it points at, and another once it points there', async () => {
    const { payload, version } = await runLive();
    assert.deepEqual([payload, version], ['first', '1']);
    const named = await client.send(new GetFunctionCommand({ FunctionName, Qualifier: 'live' }));
    assert.match(named.Configuration?.FunctionArn ?? '', /:live$/);
    await client.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '2' }));
    await waitFor('the move on every gateway', async () => {
      const answers = await Promise.all([runLive(), runLive(), runLive()]);
      return answers.every(answer => answer.payload === 'second');
    });
  });

  test('an event that comes by an alias runs the version it points at', async () => {
    const { status } = await deployed.invoke(
      { name: 'event' },
      { Qualifier: 'live', InvocationType: 'Event' },
    );
    assert.equal(status, 202);
    const line = await waitFor('the event', async () => {
      const messages = await readFunctionLog(lambent, FunctionName);
      return messages.find(message => message.includes('ran event'));
    });
    assert.match(line, /second arn:.*:live/);
  });

  test('a weighted alias divides its invocations', async () => {
    await client.send(
      new UpdateAliasCommand({
        FunctionName,
        Name: 'live',
        RoutingConfig: { AdditionalVersionWeights: { 1: 0.3 } },
      }),
    );
    await waitFor('the weights', async () => (await runLive()).version === '1');
    const executed: (string | undefined)[] = [];
    for (let call = 0; call < CALLS; call += 1) executed.push((await runLive()).version);
    const share = executed.filter(version => version === '1').length / CALLS;
    assert.ok(Math.abs(share - 0.3) < 0.15, String(share));
    assert.ok(executed.every(version => version === '1' || version === '2'));
  });

  test('aliases are listed, and keep their versions from being deleted', async () => {
    const names: (string | undefined)[] = [];
    for await (const page of paginateListAliases({ client }, { FunctionName }))
      names.push(...(page.Aliases ?? []).map(({ Name }) => Name));
    assert.deepEqual(names, ['live']);
    await assert.rejects(
      client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '2' })),
      ResourceConflictException,
    );
  });
});
