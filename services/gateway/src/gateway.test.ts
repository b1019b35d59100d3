import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import { CreateFunctionCommand, GetFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { isFailure } from '@lambent/core';
import { CREATE, completion, openTestGateway } from './open-test-gateway.ts';

const ZIP = CREATE.Code?.ZipFile ?? new Uint8Array();

suite('a gateway', () => {
  test('a listener that other machines reach is refused unless it is asked for', async () => {
    await assert.rejects(openTestGateway({ host: '0.0.0.0' }), error => isFailure(error, 'config-invalid'));
    await using open = await openTestGateway({ host: '0.0.0.0', insecureListen: true });
    assert.match(open.gateway.url, /^http:/);
  });

  test('the code link downloads the package, until it is forged', async () => {
    await using open = await openTestGateway();
    await open.client.send(new CreateFunctionCommand(CREATE));
    const { Code } = await open.client.send(new GetFunctionCommand({ FunctionName: 'f' }));
    const link = Code?.Location ?? '';
    assert.ok(link.startsWith(open.gateway.url));
    const response = await fetch(link);
    assert.equal(response.headers.get('content-type'), 'application/zip');
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.from(ZIP));
    const digest = createHash('sha256').update(ZIP).digest('hex');
    const forgeries = [
      link.replace(digest, 'a'.repeat(64)),
      link.replace(/expires=\d+/, 'expires=99999999999999'),
      link.replace(/signature=\w+/, ''),
      link.replace(/expires=\d+/, 'expires=1'),
    ];
    for (const forgery of forgeries) assert.equal((await fetch(forgery)).status, 403);
    assert.equal((await fetch(link, { method: 'DELETE' })).status, 405);
  });

  test('the admin listener tells health, readiness and metrics, and the public one does not', async () => {
    await using open = await openTestGateway();
    const ask = async (path: string) => (await fetch(open.adminUrl + path)).status;
    assert.deepEqual(
      await Promise.all(['/healthz', '/readyz', '/metrics', '/x'].map(ask)),
      [200, 200, 200, 404],
    );
    assert.equal((await fetch(`${open.gateway.url}/healthz`)).status, 403);
  });

  test('logs are read by function or group, and a number that is none is refused', async () => {
    await using open = await openTestGateway();
    open.logs.add('/aws/lambda/f', 'one');
    open.logs.add('/aws/lambda/g', 'two');
    open.logs.add('/aws/lambda/f', 'three');
    const read = async (query: string) => (await fetch(`${open.adminUrl}/logs?${query}`)).text();
    const messages = (text: string) =>
      text
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line).message);
    assert.deepEqual(messages(await read('function=f')), ['one', 'three']);
    assert.deepEqual(messages(await read('group=/aws/lambda/g')), ['two']);
    assert.deepEqual(messages(await read('function=f&sinceMs=2')), ['three']);
    for (const query of ['', 'function=f&limit=x'])
      assert.equal((await fetch(`${open.adminUrl}/logs?${query}`)).status, 400);
  });

  test('a group that nothing was logged to is not found, and a time in which nothing was logged is empty', async () => {
    await using open = await openTestGateway();
    open.logs.add('/aws/lambda/f', 'one');
    const read = async (query: string) => {
      const response = await fetch(`${open.adminUrl}/logs?${query}`);
      return [response.status, await response.text()];
    };
    assert.deepEqual(await read('function=g'), [404, 'Nothing was logged to /aws/lambda/g.\n']);
    assert.deepEqual(await read('function=f&sinceMs=2'), [200, '']);
  });

  test('followers are bounded, get what comes, and end with the gateway', async () => {
    const open = await openTestGateway();
    const url = `${open.adminUrl}/logs?function=f&follow=1`;
    const followers = await Promise.all(Array.from({ length: 32 }, () => fetch(url)));
    assert.equal((await fetch(url)).status, 429);
    const reader = followers[0]?.body?.getReader();
    open.logs.add('/aws/lambda/f', 'late');
    const chunk = await reader?.read();
    assert.match(Buffer.from(chunk?.value ?? []).toString(), /late/);
    await open[Symbol.asyncDispose]();
    assert.equal((await reader?.read())?.done, true);
    await Promise.all(followers.slice(1).map(follower => follower.text()));
  });

  test('draining: readiness fails first, and what is in flight finishes', async () => {
    const open = await openTestGateway();
    await open.client.send(new CreateFunctionCommand(CREATE));
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    open.invoker.answer = async () => {
      started.resolve();
      await finish.promise;
      return completion({ kind: 'ok', payload: Buffer.from('"done"') });
    };
    const invoked = open.client.send(new InvokeCommand({ FunctionName: 'f' }));
    await started.promise;
    const closing = open.gateway[Symbol.asyncDispose]();
    const ready = await fetch(`${open.adminUrl}/readyz`);
    assert.equal(ready.status, 503);
    await ready.text();
    finish.resolve();
    assert.equal((await invoked).Payload?.transformToString(), '"done"');
    await closing;
    await open.gateway[Symbol.asyncDispose]();
    await assert.rejects(fetch(open.gateway.url));
    await open[Symbol.asyncDispose]();
  });
});
