import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { type Files, zipOf } from '@lambent/testing';
import { WORKER_FIELDS } from './config.ts';
import { openWorker } from './worker.ts';

/** A worker with real sandboxes and runtimes, a real router, and a placement that starts what is needed. */
export interface RealWorker extends AsyncDisposable {
  readonly logs: SpooledFunctionLogs;
  readonly runtimeNames: ReadonlySet<string>;
  readonly hasPools: boolean;
  /** Ends the environments of its function. */
  retire(spec: EnvironmentSpec): void;
  /** Keeps the files as code; gives what an environment of it is started with. */
  deploy(files: Files, change?: Partial<EnvironmentSpec>): Promise<EnvironmentSpec>;
  invoke(
    spec: EnvironmentSpec,
    payload: string,
    options?: { requestId?: string; logTail?: boolean },
  ): Promise<Completion>;
}

export async function openRealWorker(): Promise<RealWorker> {
  const clock = new SystemClock();
  const random = new SystemRandom();
  const logger = createLogger({ level: 'warn', service: 'worker' });
  const network = new EmbeddedNetwork();
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'lambent-worker-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const gateway = createServer((request, response) => response.end(`gateway heard ${request.url}`));
  await new Promise<void>(resolve => gateway.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    gateway.close();
    gateway.closeAllConnections();
  });
  const { port } = gateway.address() as AddressInfo;
  const blobs = await DirectoryBlobs.open({ directory: join(directory, 'blobs') });
  const logs = stack.use(
    await SpooledFunctionLogs.open({
      directory: join(directory, 'logs'),
      clock,
      maxBytesPerGroup: 1_000_000,
    }),
  );
  const runtimes = await findRuntimes({ searchPath: process.env['PATH'] ?? '' });
  const runtimeNames = new Set(runtimes.list().map(runtime => runtime.identifier));
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
  const hasPools = lateMounts.held || (namespaces.held && process.getuid?.() === 0);
  stack.use(await servePlacement(network));
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
      compiledDirectory: join(directory, 'compiled'),
      config: { ...readConfig(WORKER_FIELDS, {}), awsEndpoint: `127.0.0.1:${port}`, drainTimeoutMs: 1_000 },
      clock,
      random,
      logger,
      telemetry: nullTelemetry(),
    }),
  );
  const router = stack.use(
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
  return {
    logs,
    runtimeNames,
    hasPools,
    retire: ({ key }) => router.retire(key?.functionId ?? ''),
    deploy: (files, change) => deploy(blobs, files, change),
    invoke: (spec, payload, options = {}) =>
      router.invoke({
        requestId: random.uuid(),
        logTail: false,
        ...options,
        spec,
        payload: Buffer.from(payload),
        invokedArn: spec.functionArn,
        kind: InvocationKind.SYNC,
        attempt: 1,
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function deploy(
  blobs: DirectoryBlobs,
  files: Files,
  change: Partial<EnvironmentSpec> = {},
): Promise<EnvironmentSpec> {
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

export function json({ outcome }: Completion): Record<string, unknown> {
  return JSON.parse(Buffer.from(outcome.payload).toString());
}

/** Starts one environment for every need it hears of that nothing starts for yet. */
async function servePlacement(network: EmbeddedNetwork): Promise<AsyncDisposable> {
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
