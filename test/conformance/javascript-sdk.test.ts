/** The life of a function as AWS's SDK for JavaScript lives it, its waiters included. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  paginateListFunctions,
  ResourceConflictException,
  ResourceNotFoundException,
  type Runtime,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { type Files, waitFor, zipOf } from '@lambent/testing';
import { DeployedFunction, deploy, ROLE, WAIT } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';
import { pythonRuntime } from '../python-runtime.ts';
import { openTarget, type Target } from './target.ts';

interface Language {
  readonly name: string;
  readonly runtime: Runtime;
  readonly handler: string;
  /** A function that answers `answer` and its variable GREETING. */
  code(answer: string): Files;
}

const LANGUAGES: readonly Language[] = [
  {
    name: 'Node.js',
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    code: answer => ({
      'index.mjs': `export const handler = async event =>
        ({ answer: '${answer}', event, greeting: process.env.GREETING });`,
    }),
  },
  {
    name: 'Python',
    runtime: pythonRuntime(),
    handler: 'app.handler',
    code: answer => ({
      'app.py': `import os
def handler(event, context):
    return {"answer": "${answer}", "event": event, "greeting": os.environ.get("GREETING")}`,
    }),
  },
];

describe('the SDK for JavaScript', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  for (const language of LANGUAGES) {
    test(`a ${language.name} function lives from create to delete`, () => liveThrough(client, language));
  }

  test('a created function is pending in the answer and active soon after', async () => {
    const created = await client.send(
      new CreateFunctionCommand({
        FunctionName: 'states',
        Role: ROLE,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: await zipOf({ 'index.mjs': 'export const handler = () => 1;' }) },
      }),
    );
    assert.equal(created.State, 'Pending');
    assert.equal(created.StateReasonCode, 'Creating');
    assert.equal(created.Timeout, 3);
    assert.equal(created.MemorySize, 128);
    assert.equal(created.FunctionArn, 'arn:aws:lambda:us-east-1:000000000000:function:states');
    assert.match(created.LastModified ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
    await waitUntilFunctionActiveV2({ client, ...WAIT }, { FunctionName: 'states' });
    const active = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'states' }));
    assert.equal(active.State, 'Active');
    assert.equal(active.LastUpdateStatus, 'Successful');
  });

  test('creating a function again is a conflict', async () => {
    const { name } = await deploy(client, { files: { 'index.mjs': 'export const handler = () => 1;' } });
    const again = deploy(client, { name, files: { 'index.mjs': 'export const handler = () => 2;' } });
    await assert.rejects(again, ResourceConflictException);
  });

  test('pages of functions hold every function once', async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () =>
        deploy(client, { files: { 'index.mjs': 'export const handler = () => 1;' } }),
      ),
    );
    const listed: string[] = [];
    for await (const page of paginateListFunctions({ client, pageSize: 2 }, {})) {
      assert.ok((page.Functions?.length ?? 0) <= 2);
      listed.push(...(page.Functions ?? []).map(each => each.FunctionName ?? ''));
    }
    assert.equal(new Set(listed).size, listed.length);
    for (const { name } of made) assert.ok(listed.includes(name), name);
  });

  test('a dry run checks and runs nothing', async () => {
    const fn = await deploy(client, {
      files: { 'index.mjs': 'export const handler = () => { throw new Error("ran"); };' },
    });
    const answer = await fn.invoke({}, { InvocationType: 'DryRun' });
    assert.equal(answer.status, 204);
    assert.equal(answer.payload, undefined);
  });

  test('an event is accepted at once and runs with the request id of the answer', async () => {
    const fn = await deploy(client, {
      files: {
        'index.mjs': `export const handler = async (event, context) => {
          console.log(context.awsRequestId + ' ' + JSON.stringify(event));
        };`,
      },
    });
    const accepted = await fn.invoke({ n: 1 }, { InvocationType: 'Event', LogType: 'None' });
    assert.equal(accepted.status, 202);
    assert.equal(accepted.payload, undefined);
    await waitFor('the event to have run', async () => {
      const messages = await readFunctionLog(lambent, fn.name);
      return messages.some(message => message.includes(`${accepted.requestId} {"n":1}`));
    });
  });

  test('the client context reaches the function', async () => {
    const fn = await deploy(client, {
      files: { 'index.mjs': 'export const handler = async (_, context) => context.clientContext;' },
    });
    const context = { client: { app_title: 'shop' }, custom: { coupon: 'yes' } };
    const { payload } = await fn.invoke(
      {},
      { ClientContext: Buffer.from(JSON.stringify(context)).toString('base64') },
    );
    assert.deepEqual((payload as typeof context).custom, context.custom);
  });

  test('a new timeout and new variables hold for the next invocation', async () => {
    const fn = await deploy(client, {
      files: {
        'index.mjs': `export const handler = async (_, context) =>
          ({ left: context.getRemainingTimeInMillis(), colour: process.env.COLOUR });`,
      },
      timeoutSeconds: 3,
      variables: { COLOUR: 'red' },
    });
    const first = (await fn.invoke()).payload as { left: number; colour: string };
    assert.equal(first.colour, 'red');
    assert.ok(first.left <= 3_000 && first.left > 2_000, `${first.left} ms`);
    await client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: fn.name,
        Timeout: 30,
        Environment: { Variables: { COLOUR: 'blue' } },
      }),
    );
    await waitUntilFunctionUpdatedV2({ client, ...WAIT }, { FunctionName: fn.name });
    const second = (await fn.invoke()).payload as { left: number; colour: string };
    assert.equal(second.colour, 'blue');
    assert.ok(second.left > 20_000, `${second.left} ms`);
  });

  test('a deleted name can be used again and remembers nothing', async () => {
    const code = (n: number) => ({ 'index.mjs': `export const handler = async () => ${n};` });
    const first = await deploy(client, { files: code(1) });
    assert.equal((await first.invoke()).payload, 1);
    await client.send(new DeleteFunctionCommand({ FunctionName: first.name }));
    await assert.rejects(first.invoke(), ResourceNotFoundException);
    const second = await deploy(client, { name: first.name, files: code(2) });
    assert.equal((await second.invoke()).payload, 2);
  });
});

async function liveThrough(client: LambdaClient, language: Language): Promise<void> {
  const FunctionName = `life-${language.runtime.replaceAll('.', '-')}`;
  const fn = new DeployedFunction(client, FunctionName);
  const zip = await zipOf(language.code('first'));
  const created = await client.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: ROLE,
      Runtime: language.runtime,
      Handler: language.handler,
      Description: 'from create to delete',
      Environment: { Variables: { GREETING: 'good day' } },
      Tags: { team: 'conformance' },
      Code: { ZipFile: zip },
    }),
  );
  assert.equal(created.CodeSize, zip.length);
  assert.equal(created.CodeSha256, createHash('sha256').update(zip).digest('base64'));
  await waitUntilFunctionActiveV2({ client, ...WAIT }, { FunctionName });

  const got = await client.send(new GetFunctionCommand({ FunctionName }));
  assert.deepEqual(got.Tags, { team: 'conformance' });
  assert.equal(got.Configuration?.Description, 'from create to delete');
  const download = await fetch(got.Code?.Location ?? '');
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), Buffer.from(zip));

  const event = { text: 'ünï ✓', list: [1, 2.5, null], nested: { deep: true } };
  const first = await fn.invoke(event);
  assert.deepEqual(first.payload, { answer: 'first', event, greeting: 'good day' });
  assert.equal(first.status, 200);
  assert.equal(first.functionError, undefined);
  assert.equal(first.version, '$LATEST');

  const published = await client.send(new PublishVersionCommand({ FunctionName, Description: 'one' }));
  assert.equal(published.Version, '1');
  const unchanged = await client.send(new PublishVersionCommand({ FunctionName }));
  assert.equal(unchanged.Version, '1', 'nothing changed, so nothing new is published');

  await client.send(
    new UpdateFunctionCodeCommand({ FunctionName, ZipFile: await zipOf(language.code('second')) }),
  );
  await waitUntilFunctionUpdatedV2({ client, ...WAIT }, { FunctionName });
  const second = await fn.invoke(1);
  assert.deepEqual(second.payload, { answer: 'second', event: 1, greeting: 'good day' });
  const old = await fn.invoke(1, { Qualifier: '1' });
  assert.deepEqual(old.payload, { answer: 'first', event: 1, greeting: 'good day' });
  assert.equal(old.version, '1');

  const next = await client.send(new PublishVersionCommand({ FunctionName }));
  assert.equal(next.Version, '2');
  const versions = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
  assert.deepEqual(
    versions.Versions?.map(each => each.Version),
    ['$LATEST', '1', '2'],
  );

  const Resource = created.FunctionArn ?? '';
  await client.send(new TagResourceCommand({ Resource, Tags: { stage: 'test' } }));
  await client.send(new UntagResourceCommand({ Resource, TagKeys: ['team'] }));
  const tags = await client.send(new ListTagsCommand({ Resource }));
  assert.deepEqual(tags.Tags, { stage: 'test' });

  const deleted = await client.send(new DeleteFunctionCommand({ FunctionName }));
  assert.equal(deleted.$metadata.httpStatusCode, 204);
  await assert.rejects(client.send(new GetFunctionCommand({ FunctionName })), ResourceNotFoundException);
  const left = await client.send(new ListFunctionsCommand({}));
  assert.ok(!left.Functions?.some(each => each.FunctionName === FunctionName));
}
