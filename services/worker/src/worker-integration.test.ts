import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EnvironmentSpec } from '@lambent/contracts';
import { type Files, waitFor } from '@lambent/testing';
import { json, openRealWorker, type RealWorker } from './real-worker.ts';

let worker: RealWorker;
before(async () => {
  worker = await openRealWorker();
});
after(() => worker[Symbol.asyncDispose]());

test('a Node.js function answers, cold and then warm in the same process', async () => {
  const spec = await worker.deploy({
    'index.mjs':
      'let calls = 0; export const handler = async event => ({ event, calls: ++calls, pid: process.pid })',
  });
  const first = json(await worker.invoke(spec, '{"a":1}'));
  const second = json(await worker.invoke(spec, '{"a":2}'));
  assert.deepEqual(first['event'], { a: 1 });
  assert.deepEqual([first['calls'], second['calls']], [1, 2]);
});

test('a Python function answers', async context => {
  const identifier = [...worker.runtimeNames].find(name => name.startsWith('python'));
  if (!identifier) return context.skip('no Python on this machine');
  const spec = await worker.deploy(
    { 'app.py': 'def handler(event, context):\n    return {"echo": event, "id": context.aws_request_id}\n' },
    { runtime: identifier, handler: 'app.handler' },
  );
  assert.deepEqual(json(await worker.invoke(spec, '[1]'))['echo'], [1]);
});

test('the log of an invocation reads as on AWS, and its tail comes with the result', async () => {
  const spec = await worker.deploy({
    'index.mjs': 'export const handler = async () => { console.log("hello"); process.stdout.write("raw"); }',
  });
  const { logTail, metering } = await worker.invoke(spec, '{}', { requestId: 'r-log', logTail: true });
  const lines = Buffer.from(logTail).toString().split('\n');
  assert.equal(lines[0], 'START RequestId: r-log Version: $LATEST');
  assert.ok(
    lines.some(line => line.endsWith('hello')),
    String(lines),
  );
  assert.ok(lines.includes('raw'), String(lines));
  assert.equal(lines.at(-3), 'END RequestId: r-log');
  assert.match(
    lines.at(-2) ?? '',
    /^REPORT RequestId: r-log\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms\t$/,
  );
  assert.ok((metering?.initMs ?? 0) > 0);
  const stored = await Array.fromAsync(worker.logs.read('/aws/lambda/hello', {}));
  assert.ok(stored.some(record => record.message.startsWith('INIT_START Runtime Version: nodejs:')));
});

test('an error that the function throws is its outcome and leaves it warm', async () => {
  const spec = await worker.deploy({
    'index.mjs':
      'let calls = 0; export const handler = async () => { calls++; throw new RangeError("no " + calls); }',
  });
  const first = await worker.invoke(spec, '{}');
  const second = await worker.invoke(spec, '{}');
  assert.equal(first.outcome.kind, 'handled');
  assert.equal(json(second)['errorMessage'], 'no 2');
  assert.equal(json(second)['errorType'], 'RangeError');
});

test('a function that takes too long is stopped, and the next call starts anew', async () => {
  const spec = await worker.deploy(
    {
      'index.mjs':
        'let calls = 0; export const handler = async event => { calls++; if (event.hang) for (;;); return calls; }',
    },
    { timeoutMs: 1_000 },
  );
  const { outcome } = await worker.invoke(spec, '{"hang":true}', { requestId: 'r-late' });
  assert.equal(outcome.kind, 'timeout');
  assert.deepEqual(JSON.parse(Buffer.from(outcome.payload).toString()), {
    errorType: 'Sandbox.Timedout',
    errorMessage: 'RequestId: r-late Error: Task timed out after 1.00 seconds',
  });
  assert.equal(Buffer.from((await worker.invoke(spec, '{}')).outcome.payload).toString(), '1');
});

test('a function that exits is an exit error with its status', async () => {
  const spec = await worker.deploy({ 'index.mjs': 'export const handler = async () => process.exit(3)' });
  const completion = await worker.invoke(spec, '{}', { requestId: 'r-exit' });
  assert.equal(completion.outcome.kind, 'unhandled');
  assert.deepEqual(json(completion), {
    errorType: 'Runtime.ExitError',
    errorMessage: 'RequestId: r-exit Error: Runtime exited with error: exit status 3',
  });
});

test('a function that takes more memory than it has is told so', async () => {
  const spec = await worker.deploy(
    {
      'index.mjs':
        'export const handler = async () => { const held = []; for (;;) held.push(Buffer.alloc(16_000_000, 1)); }',
    },
    { memoryMb: 128, timeoutMs: 10_000 },
  );
  const completion = await worker.invoke(spec, '{}');
  assert.equal(completion.outcome.kind, 'out-of-memory');
  assert.equal(json(completion)['errorType'], 'Runtime.OutOfMemory');
});

test('a function that cannot be loaded is an init error', async () => {
  const spec = await worker.deploy({ 'index.mjs': 'throw new TypeError("broken at load")' });
  const completion = await worker.invoke(spec, '{}');
  assert.equal(completion.outcome.kind, 'unhandled');
  assert.equal(json(completion)['errorMessage'], 'broken at load');
});

test('a function reaches the AWS endpoint that its environment names', async () => {
  const spec = await worker.deploy({
    'index.mjs':
      'export const handler = async () => (await fetch(process.env.AWS_ENDPOINT_URL + "/2015-03-31/functions/")).text()',
  });
  const { outcome } = await worker.invoke(spec, '{}');
  assert.equal(Buffer.from(outcome.payload).toString(), '"gateway heard /2015-03-31/functions/"');
});

test('a custom runtime speaks the HTTP Runtime API', async context => {
  if (!worker.runtimeNames.has('provided.al2023')) return context.skip('no custom runtimes on this machine');
  const spec = await worker.deploy({ bootstrap: BOOTSTRAP }, { runtime: 'provided.al2023' });
  const completion = await worker.invoke(spec, '{"a":1}', { requestId: 'r-custom' });
  assert.deepEqual(json(completion), { id: 'r-custom', event: { a: 1 } });
  assert.deepEqual(json(await worker.invoke(spec, '2'))['event'], 2);
});

test('a custom runtime without a bootstrap is told where it was looked for', async context => {
  if (!worker.runtimeNames.has('provided.al2023')) return context.skip('no custom runtimes on this machine');
  const spec = await worker.deploy({ 'not-bootstrap': BOOTSTRAP }, { runtime: 'provided.al2023' });
  assert.equal(json(await worker.invoke(spec, '{}'))['errorType'], 'Runtime.InvalidEntrypoint');
});

test('a Node.js function from a pool has all that is its own', async context => {
  if (!worker.hasPools) return context.skip('nothing can be mounted late on this machine');
  const seen = await startedAhead({ memoryMb: 512 }, number => ({
    'index.mjs': `import { readFileSync } from 'node:fs'; import { getHeapStatistics } from 'node:v8';
      const ahead = readFileSync('/proc/self/environ', 'latin1').includes('LAMBENT_AHEAD');
      export const handler = async () => ({ ahead, number: ${number}, own: process.env.OWN, directory: process.cwd(),
        inside: Object.keys(process.env).filter(name => name.startsWith('LAMBENT_')), options: process.execArgv,
        heapMb: getHeapStatistics().heap_size_limit >> 20, heard: await (await fetch(process.env.AWS_ENDPOINT_URL)).text() })`,
  }));
  const { number, heapMb, ...rest } = seen;
  assert.ok(Number(number) > 0);
  assert.ok(Number(heapMb) >= 384 && Number(heapMb) < 700, String(heapMb));
  assert.deepEqual(rest, {
    ahead: true,
    own: 'value',
    directory: '/var/task',
    inside: [],
    options: ['--max-old-space-size=384'],
    heard: 'gateway heard /',
  });
});

test('a Python function from a pool has all that is its own', async context => {
  const runtime = [...worker.runtimeNames].find(name => name.startsWith('python'));
  if (!worker.hasPools || !runtime)
    return context.skip('no Python on this machine, or nothing can be mounted late');
  const seen = await startedAhead({ runtime, handler: 'app.handler' }, number => ({
    'app.py': `import os
AHEAD = b'LAMBENT_AHEAD' in open('/proc/self/environ', 'rb').read()
def handler(event, context):
    inside = [name for name in os.environ if name.startswith('LAMBENT_')]
    return {'ahead': AHEAD, 'number': ${number}, 'own': os.environ['OWN'], 'directory': os.getcwd(), 'inside': inside}
`,
  }));
  assert.deepEqual(
    { ...seen, number: 0 },
    { ahead: true, number: 0, own: 'value', directory: '/var/task', inside: [] },
  );
});

test('a custom runtime from a pool begins with its own environment', async context => {
  if (!worker.hasPools || !worker.runtimeNames.has('provided.al2023'))
    return context.skip('not on this machine');
  // Of the process before it became the bootstrap nothing is left but the directory that was mounted on.
  const seen = await startedAhead({ runtime: 'provided.al2023' }, number => ({
    bootstrap: BOOTSTRAP.replace(
      '"event": event',
      `"ahead": open("/proc/self/mountinfo").read().count(" /var/task ") == 2, "own": os.environ["OWN"], "n": ${number}`,
    ),
  }));
  assert.equal(seen['own'], 'value');
});

/** Deploys and invokes functions of a kind until one was given a sandbox that waited; gives what that one answered. */
function startedAhead(
  change: Partial<EnvironmentSpec>,
  files: (number: number) => Files,
): Promise<Record<string, unknown>> {
  let number = 0;
  return waitFor('a function started ahead', async () => {
    number += 1;
    const spec = await worker.deploy(files(number), { ...change, variables: { OWN: 'value' } });
    const answer = json(await worker.invoke(spec, '{}'));
    return answer['ahead'] === true && answer;
  });
}

/** A runtime of a few lines, as a package brings it. */
const BOOTSTRAP = `#!/usr/bin/env python3
import http.client, json, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
base = "/2018-06-01/runtime/invocation/"
while True:
    api.request("GET", base + "next")
    response = api.getresponse()
    event = json.loads(response.read())
    request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
    api.request("POST", base + request_id + "/response", json.dumps({"id": request_id, "event": event}))
    api.getresponse().read()
`;
