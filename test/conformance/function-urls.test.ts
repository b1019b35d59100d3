/** Function URLs: configured with AWS's own client, called over plain HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  type CreateFunctionUrlConfigCommandInput,
  DeleteAliasCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  type LambdaClient,
  ListFunctionUrlConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { openTarget, type Target } from './target.ts';

const ECHO = {
  'index.mjs': `export const handler = async event => {
  const { answer } = event.queryStringParameters ?? {};
  if (answer === 'throw') throw new Error('on purpose');
  return answer === undefined ? event : JSON.parse(answer);
};`,
};
const STREAM = {
  'index.mjs': `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const { mode } = event.queryStringParameters ?? {};
  if (mode !== 'plain')
    stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'X-Own': 'yes' }, cookies: ['a=1', 'b=2'] });
  stream.write('first ');
  if (mode === 'break') throw new Error('mid-stream');
  await new Promise(resolve => setTimeout(resolve, 800));
  stream.end('last');
});`,
};

describe('function URLs', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  /** As AWS wants it since late 2025: that the URL may be called, and that the function may be invoked by it. */
  const open = async (FunctionName: string, Qualifier?: string) => {
    const everybody = { FunctionName, Principal: '*', ...(Qualifier && { Qualifier }) };
    await client.send(
      new AddPermissionCommand({
        ...everybody,
        StatementId: 'url',
        Action: 'lambda:InvokeFunctionUrl',
        FunctionUrlAuthType: 'NONE',
      }),
    );
    await client.send(
      new AddPermissionCommand({
        ...everybody,
        StatementId: 'invoke',
        Action: 'lambda:InvokeFunction',
        InvokedViaFunctionUrl: true,
      }),
    );
  };
  const create = async (
    files: Record<string, string>,
    more: Partial<CreateFunctionUrlConfigCommandInput> = {},
  ) => {
    const { name: FunctionName } = await deploy(client, { files });
    const { FunctionUrl = '' } = await client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...more }),
    );
    return { FunctionName, url: FunctionUrl };
  };
  const createOpen = async (
    files: Record<string, string>,
    more: Partial<CreateFunctionUrlConfigCommandInput> = {},
  ) => {
    const made = await create(files, more);
    await open(made.FunctionName);
    return made;
  };
  const answered = (url: string, answer: unknown) =>
    fetch(`${url}?answer=${encodeURIComponent(JSON.stringify(answer))}`);

  test('are created, read, changed, listed and deleted', async () => {
    const { FunctionName, url } = await create(ECHO, { Cors: { AllowOrigins: ['*'], MaxAge: 60 } });
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`;
    assert.match(url, /^http:\/\/[^/]+\/_lambent\/url\/[0-9a-f]{32}\/$/);
    const {
      $metadata: _,
      CreationTime = '',
      LastModifiedTime,
      ...shown
    } = await client.send(new GetFunctionUrlConfigCommand({ FunctionName }));
    assert.equal(CreationTime, LastModifiedTime);
    assert.match(CreationTime, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(
      { ...shown, FunctionUrl: undefined },
      {
        FunctionUrl: undefined,
        FunctionArn: arn,
        AuthType: 'NONE',
        Cors: { AllowOrigins: ['*'], MaxAge: 60 },
        InvokeMode: 'BUFFERED',
      },
    );
    await assert.rejects(
      client.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' })),
      {
        name: 'ResourceConflictException',
      },
    );
    await assert.rejects(
      client.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', Qualifier: '1' })),
      { name: 'ValidationException' },
    );
    const updated = await client.send(
      new UpdateFunctionUrlConfigCommand({ FunctionName, InvokeMode: 'RESPONSE_STREAM' }),
    );
    assert.deepEqual([updated.InvokeMode, updated.Cors?.MaxAge], ['RESPONSE_STREAM', 60]);
    const { FunctionUrlConfigs = [] } = await client.send(
      new ListFunctionUrlConfigsCommand({ FunctionName }),
    );
    assert.equal(FunctionUrlConfigs.length, 1);
    await client.send(new DeleteFunctionUrlConfigCommand({ FunctionName }));
    await assert.rejects(client.send(new GetFunctionUrlConfigCommand({ FunctionName })), {
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    });
    await waitFor('the URL to be gone', async () => {
      const answer = await fetch(url);
      return answer.status === 403 && (await answer.text()) === '{"Message":null}';
    });
  });

  test('hand the request over as API Gateway does', async () => {
    const { url } = await createOpen(ECHO);
    const answer = await fetch(`${url}a%20b/c?x=1&x=2&y=%C3%BC`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', Cookie: 'k=1; l=2' },
      body: '{"a":1}',
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    const event = (await answer.json()) as UrlEvent;
    assert.equal(event.version, '2.0');
    assert.equal(event.rawPath, '/a%20b/c');
    assert.equal(event.rawQueryString, 'x=1&x=2&y=%C3%BC');
    assert.deepEqual(event.queryStringParameters, { x: '1,2', y: 'ü' });
    assert.deepEqual(event.cookies, ['k=1', 'l=2']);
    assert.equal(event.body, '{"a":1}');
    assert.equal(event.isBase64Encoded, false);
    assert.equal(event.requestContext.http.method, 'PUT');
    assert.equal(event.requestContext.http.sourceIp, '127.0.0.1');
    assert.equal(event.requestContext.apiId, /url\/([^/]+)/.exec(url)?.[1]);
    assert.match(event.requestContext.time, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    const bytes = await fetch(url, { method: 'POST', body: Buffer.from([0, 255]) });
    const { body, isBase64Encoded } = (await bytes.json()) as Record<string, unknown>;
    assert.deepEqual([body, isBase64Encoded], ['AP8=', true]);
  });

  test('answer what the function describes, or gives', async () => {
    const { url } = await createOpen(ECHO);
    const described = await answered(url, {
      statusCode: 418,
      headers: { 'Content-Type': 'text/plain', 'X-Own': 'yes' },
      cookies: ['a=1', 'b=2; Path=/'],
      body: Buffer.from('tea').toString('base64'),
      isBase64Encoded: true,
    });
    assert.equal(described.status, 418);
    assert.equal(described.headers.get('x-own'), 'yes');
    assert.deepEqual(described.headers.getSetCookie(), ['a=1', 'b=2; Path=/']);
    assert.equal(await described.text(), 'tea');
    const plain = await answered(url, 'just text');
    assert.deepEqual([plain.status, await plain.text()], [200, 'just text']);
    const object = await answered(url, { n: 1 });
    assert.deepEqual([object.status, await object.json()], [200, { n: 1 }]);
    for (const broken of [{ statusCode: 'never' }, { statusCode: 200, headers: { 'X\n': 'y' } }]) {
      const answer = await answered(url, broken);
      assert.deepEqual([answer.status, await answer.text()], [502, 'Internal Server Error']);
    }
    const failed = await fetch(`${url}?answer=throw`);
    assert.deepEqual([failed.status, await failed.text()], [502, 'Internal Server Error']);
  });

  test("are closed until the function's policy opens them", async () => {
    const { FunctionName, url } = await create(ECHO);
    const answer = await fetch(url);
    assert.equal(answer.status, 403);
    assert.equal(answer.headers.get('x-amzn-errortype'), 'AccessDeniedException');
    assert.match(await answer.text(), /^\{"Message":"Forbidden\. For troubleshooting/);
    await open(FunctionName);
    await waitFor('it to be open', async () => (await fetch(url)).ok);
  });

  test('of aliases lead where these point, and go with them', async () => {
    const { FunctionName } = await create(ECHO);
    await client.send(new PublishVersionCommand({ FunctionName }));
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const { FunctionUrl = '', FunctionArn } = await client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', Qualifier: 'live' }),
    );
    assert.match(FunctionArn ?? '', /:live$/);
    await open(FunctionName, 'live');
    await waitFor('it to be open', async () => (await fetch(FunctionUrl)).ok);
    await client.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
    await waitFor('it to be gone', async () => (await fetch(FunctionUrl)).status === 403);
  });

  test('are found by their host too', async () => {
    const { url } = await createOpen(ECHO);
    const { hostname, port, pathname } = new URL(url);
    const id = pathname.split('/').at(-2);
    const asked = request({
      hostname,
      port,
      path: '/p?q=1',
      headers: { Host: `${id}.lambda-url.us-east-1.localhost` },
    });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const event = JSON.parse(await text(answer));
    assert.deepEqual([answer.statusCode, event.rawPath], [200, '/p']);
  });

  test('answer what a browser asks first themselves', async () => {
    const { url } = await createOpen(ECHO, {
      Cors: {
        AllowOrigins: ['https://a.example'],
        AllowMethods: ['PUT'],
        AllowHeaders: ['x-mine'],
        MaxAge: 5,
      },
    });
    const preflight = (origin: string) =>
      fetch(url, { method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': 'PUT' } });
    const allowed = await preflight('https://a.example');
    assert.deepEqual(
      ['origin', 'methods', 'headers'].map(what => allowed.headers.get(`access-control-allow-${what}`)),
      ['https://a.example', 'PUT', 'x-mine'],
    );
    assert.equal(await allowed.text(), '');
    const other = await preflight('https://b.example');
    assert.equal(other.headers.get('access-control-allow-origin'), null);
    const called = await fetch(url, { headers: { Origin: 'https://a.example' } });
    assert.equal(called.headers.get('access-control-allow-origin'), 'https://a.example');
  });

  test('stream what the function writes', async () => {
    const { url } = await createOpen(STREAM, { InvokeMode: 'RESPONSE_STREAM' });
    const answer = await fetch(url);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('x-own'), 'yes');
    assert.deepEqual(answer.headers.getSetCookie(), ['a=1', 'b=2']);
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    assert.equal(Buffer.from(first?.value ?? []).toString(), 'first ');
    const second = await reader?.read();
    assert.equal(Buffer.from(second?.value ?? []).toString(), 'last');
    const plain = await fetch(`${url}?mode=plain`);
    assert.deepEqual([plain.status, await plain.text()], [200, 'first last']);
    const broken = await fetch(`${url}?mode=break`);
    await assert.rejects(broken.text());
  });

  test('refuse too much, and what the function may not run any more', async () => {
    const { FunctionName, url } = await createOpen(ECHO);
    const large = await fetch(url, { method: 'POST', body: Buffer.alloc(6_291_457) });
    assert.equal(large.status, 413);
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    await waitFor('it to be throttled', async () => (await fetch(url)).status === 429);
  });
});

/** As far as it is looked at here. */
interface UrlEvent {
  readonly version: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly queryStringParameters: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    readonly apiId: string;
    readonly time: string;
    readonly http: { readonly method: string; readonly sourceIp: string };
  };
}
