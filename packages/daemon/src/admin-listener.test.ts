import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { isFailure, SystemClock } from '@lambent/core';
import { AdminListener } from './admin-listener.ts';
import { nullTelemetry } from './null-telemetry.ts';
import { openTelemetry } from './open-telemetry.ts';
import type { Telemetry } from './telemetry.ts';

const open = (host = '127.0.0.1', telemetry: Telemetry = nullTelemetry()) =>
  AdminListener.open({
    host,
    port: 0,
    insecureListen: false,
    telemetry,
    clock: new SystemClock(),
  });

test('health and metrics are there at once; readiness is said', async () => {
  await using admin = await open();
  const ask = async (path: string) => {
    const response = await fetch(admin.url + path);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await ask('/healthz'), [200, 'ok\n']);
  assert.deepEqual(await ask('/metrics'), [200, '\n']);
  assert.deepEqual(await ask('/readyz'), [503, 'starting\n']);
  admin.is('ready');
  assert.deepEqual(await ask('/readyz'), [200, 'ready\n']);
  admin.is('draining');
  assert.deepEqual(await ask('/readyz'), [503, 'draining\n']);
});

test('what the process leans on and is failed by stands below its readiness, and is a gauge', async () => {
  await using telemetry = await openTelemetry({ serviceName: 'test', env: {}, clock: new SystemClock() });
  await using admin = await open('127.0.0.1', telemetry);
  let trouble: string | undefined;
  admin.leansOn('nats', () => trouble);
  admin.is('ready');
  const ask = async (path: string) => (await fetch(admin.url + path)).text();
  assert.equal(await ask('/readyz'), 'ready\n');
  assert.match(await ask('/metrics'), /^lambent_degraded\{support="nats"\} 0$/m);
  trouble = 'nobody\nthere';
  assert.equal(await ask('/readyz'), 'ready\nnats: nobody there\n');
  assert.match(await ask('/metrics'), /^lambent_degraded\{support="nats"\} 1$/m);
});

test('what it is given to serve is there until it is taken back, and the rest is told what there is', async () => {
  await using admin = await open();
  const served = admin.serve('/logs', async (url, _request, response) => {
    if (url.searchParams.has('fail')) throw new Error('as asked');
    response.end('lines');
  });
  assert.equal(await (await fetch(`${admin.url}/logs`)).text(), 'lines');
  await assert.rejects(fetch(`${admin.url}/logs?fail=1`));
  served[Symbol.dispose]();
  const gone = await fetch(`${admin.url}/logs`);
  assert.deepEqual([gone.status, await gone.text()], [404, 'there are /healthz, /readyz, /metrics\n']);
  assert.equal((await fetch(`${admin.url}/healthz`, { method: 'POST' })).status, 405);
});

test('an address that other machines reach is refused', async () => {
  await assert.rejects(open('0.0.0.0'), error => isFailure(error, 'config-invalid'));
});

test('closing lets an answer under way finish', async () => {
  const admin = await open();
  const asked = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  admin.serve('/slow', async (_url, _request, response) => {
    asked.resolve();
    await finish.promise;
    response.end('whole');
  });
  const answer = fetch(`${admin.url}/slow`).then(response => response.text());
  await asked.promise;
  const closing = admin[Symbol.asyncDispose]();
  finish.resolve();
  assert.equal(await answer, 'whole');
  await closing;
});

test('closing cuts off who has not finished asking, and may be done again', async () => {
  const admin = await open();
  const socket = connect(Number(new URL(admin.url).port), '127.0.0.1');
  const ended = new Promise(resolve => socket.once('close', resolve));
  await new Promise(resolve => socket.once('connect', resolve));
  await fetch(`${admin.url}/healthz`);
  await admin[Symbol.asyncDispose]();
  await ended;
  await admin[Symbol.asyncDispose]();
});
