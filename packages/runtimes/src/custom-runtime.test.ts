import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SeededRandom } from '@lambent/core';
import { openHttpChannel } from './http-channel.ts';
import { InitFailure } from './runtime-channel.ts';
import { fixture } from './spawned-runtime.ts';

const HELPER = fileURLToPath(new URL('../gen/node/custom.cjs', import.meta.url));

test('the helper hands its doorway out and becomes the bootstrap, which inherits nothing of it', async () => {
  const port = await freePort();
  const child = startHelper('custom/loop', port, { LAMBENT_DOORWAYS: `runtime-api:${port}` });
  const [name, server] = await once(child, 'message');
  assert.equal(name, 'runtime-api');
  using channel = openHttpChannel({ server: server as Server, random: new SeededRandom(1) });
  await channel.ready;
  for (const requestId of ['first', 'second']) {
    await channel.rested();
    const answer = await channel.invoke({
      requestId,
      payload: Buffer.from('{"a":1}'),
      deadlineEpochMs: 0,
      invokedFunctionArn: 'arn',
    });
    assert.ok(answer.kind === 'response');
    assert.deepEqual(JSON.parse(Buffer.from(answer.payload).toString()), {
      event: { a: 1 },
      leaked: [],
      hasChannel: false,
    });
  }
  child.kill();
  await once(child, 'exit');
});

const refusals: readonly [behaviour: string, code: string, message: RegExp][] = [
  [
    'without a bootstrap',
    'custom/empty',
    /^Couldn't find valid bootstrap\(s\): \[.*\/bootstrap \/opt\/bootstrap\]$/,
  ],
  [
    'a bootstrap that nobody may execute',
    'custom/not-executable',
    /^fork\/exec .*\/bootstrap: permission denied$/,
  ],
  ['a bootstrap that is no program', 'custom/no-program', /^fork\/exec .*\/bootstrap: exec format error$/],
  [
    'a bootstrap whose interpreter is not there',
    'custom/no-interpreter',
    /^fork\/exec .*\/bootstrap: interpreter not found: \/nonexistent\/shell$/,
  ],
];
for (const [behaviour, code, message] of refusals)
  test(`${behaviour} the init fails with InvalidEntrypoint`, async t => {
    // The superuser may execute nothing either: the bit is missing for everybody.
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    using channel = openHttpChannel({ server, random: new SeededRandom(1) });
    const child = startHelper(code, (server.address() as AddressInfo).port, {});
    t.after(() => child.kill());
    const failure = await channel.ready.catch((error: unknown) => error);
    assert.ok(failure instanceof InitFailure);
    assert.equal(failure.errorType, 'Runtime.InvalidEntrypoint');
    assert.match(JSON.parse(Buffer.from(failure.payload).toString()).errorMessage, message);
    if (child.exitCode === null) await once(child, 'exit');
    assert.equal(child.exitCode, 1);
  });

function startHelper(code: string, port: number, environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [HELPER], {
    cwd: fixture(code),
    env: {
      PATH: process.env['PATH'] ?? '',
      LAMBDA_TASK_ROOT: fixture(code),
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      ...environment,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
  });
}

/** The helper must be told the port that the bootstrap will be told. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
