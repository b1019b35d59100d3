import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { DirectoryBlobs } from '@lambent/blobs';
import {
  type EnlistResponse,
  EnlistResponseSchema,
  EnvironmentKeySchema,
  type EnvironmentSpec,
  EnvironmentSpecSchema,
  InvocationKind,
  LogSpecSchema,
  NeedResponseSchema,
  NeedVerdict,
} from '@lambent/contracts';
import { SystemClock, SystemRandom } from '@lambent/core';
import { createLogger, nullTelemetry, readConfig } from '@lambent/daemon';
import { SpooledFunctionLogs } from '@lambent/function-logs';
import { EmbeddedNetwork, type Stream } from '@lambent/link';
import { encodeRecord, limitKey, POOL_LIMIT_ID } from '@lambent/membership';
import { SqliteRegistry } from '@lambent/registry';
import { type Completion, Placements, Router } from '@lambent/router';
import { findRuntimes } from '@lambent/runtimes';
import { openSandboxes } from '@lambent/sandbox';
import { SqliteStore } from '@lambent/sqlite';
import { type Files, waitFor, zipOf } from '@lambent/testing';
import { WORKER_FIELDS } from './config.ts';
import { openWorker } from './worker.ts';

/** A worker with real sandboxes and runtimes, a real router, and a placement that starts what is needed. */
const clock = new SystemClock();
const random = new SystemRandom();
const logger = createLogger({ level: 'warn', service: 'worker' });
const network = new EmbeddedNetwork();
const stack = new AsyncDisposableStack();
let router: Router;
let blobs: DirectoryBlobs;
let logs: SpooledFunctionLogs;
let runtimeNames: ReadonlySet<string>;
let hasPools: boolean;

before(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-worker-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const gateway = createServer((request, response) => response.end(`gateway heard ${request.url}`));
  await new Promise<void>(resolve => gateway.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    gateway.close();
    gateway.closeAllConnections();
  });
  const { port } = gateway.address() as AddressInfo;
  blobs = await DirectoryBlobs.open({ directory: join(directory, 'blobs') });
  logs = stack.use(
    await SpooledFunctionLogs.open({
      directory: join(directory, 'logs'),
      clock,
      maxBytesPerGroup: 1_000_000,
    }),
  );
  const runtimes = await findRuntimes({ searchPath: process.env['PATH'] ?? '' });
  runtimeNames = new Set(runtimes.list().map(runtime => runtime.identifier));
  const sandboxes = stack.use(
    await openSandboxes({
      ownerId: `test-${process.pid}`,
      runDirectory: join(directory, 'run'),
      wanted: 'as-far-as-possible',
      clock,
      random,
      logger,
    }),
  );
  const { lateMounts, namespaces } = sandboxes.confinement;
  // Root can mount: where its sandboxes are real, that nothing could be mounted is a failure, and no reason to skip.
  hasPools = lateMounts.held || (namespaces.held && process.getuid?.() === 0);
  stack.use(await servePlacement());
  const store = stack.use(await SqliteStore.open({ file: ':memory:' }));
  const registry = stack.use(await SqliteRegistry.open({ store, clock }));
  const value = encodeRecord({ wanted: 100, held: 100 });
  await registry.transact({ compare: [], write: [{ kind: 'put', key: limitKey(POOL_LIMIT_ID), value }] });
  stack.use(
    await openWorker({
      id: 'worker-1',
      address: 'worker:1',
      place: 'here',
      placements: async changed => {
        changed(['placement:1']);
        return new AsyncDisposableStack();
      },
      registry,
      link: network.member('worker'),
      blobs,
      sandboxes,
      runtimes: runtimes.list(),
      logs,
      codeDirectory: join(directory, 'code'),
      config: { ...readConfig(WORKER_FIELDS, {}), awsEndpoint: `127.0.0.1:${port}`, drainTimeoutMs: 1_000 },
      clock,
      random,
      logger,
      telemetry: nullTelemetry(),
    }),
  );
  router = stack.use(
    new Router({
      routerId: 'router-1',
      link: network.member('router'),
      placements: new Placements({ clock, addresses: ['placement:1'] }),
      clock,
      random,
      queueMax: 100,
      queueWaitMs: 10_000,
    }),
  );
  router.setFleet([{ workerId: 'worker-1', address: 'worker:1' }]);
});

after(() => stack.disposeAsync());

test('a Node.js function answers, cold and then warm in the same process', async () => {
  const spec = await deploy({
    'index.mjs':
      'let calls = 0; export const handler = async event => ({ event, calls: ++calls, pid: process.pid })',
  });
  const first = json(await invoke(spec, '{"a":1}'));
  const second = json(await invoke(spec, '{"a":2}'));
  assert.deepEqual(first['event'], { a: 1 });
  assert.deepEqual([first['calls'], second['calls']], [1, 2]);
});

test('a Python function answers', async context => {
  const identifier = [...runtimeNames].find(name => name.startsWith('python'));
  if (!identifier) return context.skip('no Python on this machine');
  const spec = await deploy(
    { 'app.py': 'def handler(event, context):\n    return {"echo": event, "id": context.aws_request_id}\n' },
    { runtime: identifier, handler: 'app.handler' },
  );
  assert.deepEqual(json(await invoke(spec, '[1]'))['echo'], [1]);
});

test('the log of an invocation reads as on AWS, and its tail comes with the result', async () => {
  const spec = await deploy({
    'index.mjs': 'export const handler = async () => { console.log("hello"); process.stdout.write("raw"); }',
  });
  const { logTail, metering } = await invoke(spec, '{}', { requestId: 'r-log', logTail: true });
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
  const stored = await Array.fromAsync(logs.read('/aws/lambda/hello', {}));
  assert.ok(stored.some(record => record.message.startsWith('INIT_START Runtime Version: nodejs:')));
});

test('an error that the function throws is its outcome and leaves it warm', async () => {
  const spec = await deploy({
    'index.mjs':
      'let calls = 0; export const handler = async () => { calls++; throw new RangeError("no " + calls); }',
  });
  const first = await invoke(spec, '{}');
  const second = await invoke(spec, '{}');
  assert.equal(first.outcome.kind, 'handled');
  assert.equal(json(second)['errorMessage'], 'no 2');
  assert.equal(json(second)['errorType'], 'RangeError');
});

test('a function that takes too long is stopped, and the next call starts anew', async () => {
  const spec = await deploy(
    {
      'index.mjs':
        'let calls = 0; export const handler = async event => { calls++; if (event.hang) for (;;); return calls; }',
    },
    { timeoutMs: 1_000 },
  );
  const { outcome } = await invoke(spec, '{"hang":true}', { requestId: 'r-late' });
  assert.equal(outcome.kind, 'timeout');
  assert.deepEqual(JSON.parse(Buffer.from(outcome.payload).toString()), {
    errorType: 'Sandbox.Timedout',
    errorMessage: 'RequestId: r-late Error: Task timed out after 1.00 seconds',
  });
  assert.equal(Buffer.from((await invoke(spec, '{}')).outcome.payload).toString(), '1');
});

test('a function that exits is an exit error with its status', async () => {
  const spec = await deploy({ 'index.mjs': 'export const handler = async () => process.exit(3)' });
  const completion = await invoke(spec, '{}', { requestId: 'r-exit' });
  assert.equal(completion.outcome.kind, 'unhandled');
  assert.deepEqual(json(completion), {
    errorType: 'Runtime.ExitError',
    errorMessage: 'RequestId: r-exit Error: Runtime exited with error: exit status 3',
  });
});

test('a function that takes more memory than it has is told so', async () => {
  const spec = await deploy(
    {
      'index.mjs':
        'export const handler = async () => { const held = []; for (;;) held.push(Buffer.alloc(16_000_000, 1)); }',
    },
    { memoryMb: 128, timeoutMs: 10_000 },
  );
  const completion = await invoke(spec, '{}');
  assert.equal(completion.outcome.kind, 'out-of-memory');
  assert.equal(json(completion)['errorType'], 'Runtime.OutOfMemory');
});

test('a function that cannot be loaded is an init error', async () => {
  const spec = await deploy({ 'index.mjs': 'throw new TypeError("broken at load")' });
  const completion = await invoke(spec, '{}');
  assert.equal(completion.outcome.kind, 'unhandled');
  assert.equal(json(completion)['errorMessage'], 'broken at load');
});

test('a function reaches the AWS endpoint that its environment names', async () => {
  const spec = await deploy({
    'index.mjs':
      'export const handler = async () => (await fetch(process.env.AWS_ENDPOINT_URL + "/2015-03-31/functions/")).text()',
  });
  const { outcome } = await invoke(spec, '{}');
  assert.equal(Buffer.from(outcome.payload).toString(), '"gateway heard /2015-03-31/functions/"');
});

test('a custom runtime speaks the HTTP Runtime API', async context => {
  if (!runtimeNames.has('provided.al2023')) return context.skip('no custom runtimes on this machine');
  const spec = await deploy({ bootstrap: BOOTSTRAP }, { runtime: 'provided.al2023' });
  const completion = await invoke(spec, '{"a":1}', { requestId: 'r-custom' });
  assert.deepEqual(json(completion), { id: 'r-custom', event: { a: 1 } });
  assert.deepEqual(json(await invoke(spec, '2'))['event'], 2);
});

test('a custom runtime without a bootstrap is told where it was looked for', async context => {
  if (!runtimeNames.has('provided.al2023')) return context.skip('no custom runtimes on this machine');
  const spec = await deploy({ 'not-bootstrap': BOOTSTRAP }, { runtime: 'provided.al2023' });
  assert.equal(json(await invoke(spec, '{}'))['errorType'], 'Runtime.InvalidEntrypoint');
});

test('a Node.js function from a pool has all that is its own', async context => {
  if (!hasPools) return context.skip('nothing can be mounted late on this machine');
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
  const runtime = [...runtimeNames].find(name => name.startsWith('python'));
  if (!hasPools || !runtime) return context.skip('no Python on this machine, or nothing can be mounted late');
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
  if (!hasPools || !runtimeNames.has('provided.al2023')) return context.skip('not on this machine');
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
    const spec = await deploy(files(number), { ...change, variables: { OWN: 'value' } });
    const answer = json(await invoke(spec, '{}'));
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

async function deploy(files: Files, change: Partial<EnvironmentSpec> = {}): Promise<EnvironmentSpec> {
  const zip = await zipOf(files, { mode: 0o100755 });
  const { digest } = await blobs.put(zip);
  return create(EnvironmentSpecSchema, {
    key: create(EnvironmentKeySchema, { functionId: digest.slice(0, 16), version: '$LATEST', revision: 1n }),
    functionName: 'hello',
    functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:hello',
    region: 'us-east-1',
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    memoryMb: 256,
    timeoutMs: 5_000,
    ephemeralStorageMb: 512,
    codeSha256: createHash('sha256').update(zip).digest('hex'),
    codeBytes: BigInt(zip.length),
    log: create(LogSpecSchema, { group: '/aws/lambda/hello' }),
    ...change,
  } as EnvironmentSpec);
}

function invoke(
  spec: EnvironmentSpec,
  payload: string,
  options: { requestId?: string; logTail?: boolean } = {},
): Promise<Completion> {
  return router.invoke({
    requestId: random.uuid(),
    logTail: false,
    ...options,
    spec,
    payload: Buffer.from(payload),
    invokedArn: spec.functionArn,
    kind: InvocationKind.SYNC,
    attempt: 1,
  });
}

function json({ outcome }: Completion): Record<string, unknown> {
  return JSON.parse(Buffer.from(outcome.payload).toString());
}

/** Starts one environment for every need it hears of that nothing starts for yet. */
async function servePlacement(): Promise<AsyncDisposable> {
  let worker: Stream<EnlistResponse> | undefined;
  const starting = new Set<string>();
  return await network.member('placement').servePlacement('placement:1', {
    need: async ({ spec }) => {
      const key = spec?.key?.functionId ?? '';
      if (spec && !starting.has(key))
        worker?.send(create(EnlistResponseSchema, { message: { case: 'start', value: { spec, count: 1 } } }));
      starting.add(key);
      return create(NeedResponseSchema, { verdict: NeedVerdict.STARTING, starting: 1 });
    },
    enlist: stream => {
      worker = stream;
      return {
        message: ({ message }) => {
          if (message.case !== 'report') return;
          const held = new Set(message.value.holdings.map(holding => holding.key?.functionId));
          for (const key of starting) if (!held.has(key)) starting.delete(key);
        },
        closed: () => undefined,
      };
    },
  });
}
