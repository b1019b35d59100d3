import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CreateFunctionCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { DirectoryBlobs } from '@lambent/blobs';
import { type Bus, SqliteBus } from '@lambent/bus';
import type { EnvironmentSpec } from '@lambent/contracts';
import {
  AWS_QUOTAS,
  type Outcome,
  type Quotas,
  SystemClock,
  SystemRandom,
  type TlsMaterial,
} from '@lambent/core';
import { AdminListener, createLogger, nullTelemetry, readConfig } from '@lambent/daemon';
import type { FunctionLogs, LogRecord } from '@lambent/function-logs';
import { AsyncQueues } from '@lambent/functions';
import { changeDivision } from '@lambent/membership';
import { SqliteRegistry } from '@lambent/registry';
import type { Completion, Invocation } from '@lambent/router';
import { SqliteStore } from '@lambent/sqlite';
import { zipOf } from '@lambent/testing';
import { GATEWAY_FIELDS, type GatewayConfig } from './config.ts';
import { openGateway } from './gateway.ts';

/** A gateway on the embedded engines, asked through AWS's own client; only what runs functions is a double. */
export type TestGateway = Awaited<ReturnType<typeof openTestGateway>>;

export const ROLE = 'arn:aws:iam::000000000000:role/r';
export const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';

/** What creates a function and says no more than it must. */
export const CREATE: CreateFunctionCommandInput = {
  FunctionName: 'f',
  Runtime: 'nodejs24.x',
  Role: ROLE,
  Handler: 'index.handler',
  Code: { ZipFile: await zipOf({ 'index.js': 'exports.handler = async e => e;' }) },
};

/** As placement would write it. */
const ACCOUNT_CONCURRENCY = 1_000;

export interface TestGatewayOptions {
  readonly asyncMaxMessages?: number;
  /** For an embedded one of its own. */
  readonly bus?: Bus;
  readonly grpcTls?: TlsMaterial;
  readonly quotas?: Partial<Quotas>;
}

export async function openTestGateway(
  config: Partial<GatewayConfig> = {},
  { asyncMaxMessages = 100, bus: givenBus, grpcTls, quotas }: TestGatewayOptions = {},
) {
  await using stack = new AsyncDisposableStack();
  const clock = new SystemClock();
  const random = new SystemRandom();
  const directory = await mkdtemp(join(tmpdir(), 'lambent-gateway-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const store = stack.use(await SqliteStore.open({ file: ':memory:' }));
  const registry = stack.use(await SqliteRegistry.open({ store, clock }));
  await changeDivision(registry, division => ({ division: division.resize(ACCOUNT_CONCURRENCY) }));
  const bus = givenBus ?? stack.use(await SqliteBus.open({ store, clock }));
  const blobs = await DirectoryBlobs.open({ directory });
  const asyncQueues = await AsyncQueues.open(bus, { partitions: 2, maxMessages: asyncMaxMessages });
  const invoker = new ScriptedInvoker();
  const logs = new ListedLogs();
  const telemetry = nullTelemetry();
  const listen = { host: '127.0.0.1', port: 0, insecureListen: false };
  const admin = stack.use(await AdminListener.open({ ...listen, telemetry, clock }));
  /** Ids of functions whose environments were to end. */
  const retired: string[] = [];
  /** What was to stand by. */
  const prepared: EnvironmentSpec[] = [];
  const runtimes = new Set(['nodejs24.x', 'python3.13']);
  const gateway = stack.use(
    await openGateway({
      registry,
      blobs,
      asyncQueues,
      invoker,
      logs,
      clock,
      random,
      logger: createLogger({ level: 'silent', service: 'gateway' }),
      telemetry,
      admin,
      natsBus: bus,
      quotas: { ...AWS_QUOTAS, ...quotas },
      ...(grpcTls && { grpcTls }),
      config: {
        ...readConfig(GATEWAY_FIELDS, {}),
        port: 0,
        grpcPort: 0,
        readinessLingerMs: 0,
        gatewayDrainTimeoutMs: 5_000,
        ...config,
      },
      runtimeAvailable: runtime => runtimes.has(runtime),
      prepare: spec => void prepared.push(spec),
      retire: functionId => void retired.push(functionId),
    }),
  );
  const client = new LambdaClient({
    endpoint: gateway.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  stack.defer(() => client.destroy());
  const owned = stack.move();
  return {
    gateway,
    adminUrl: admin.url,
    client,
    retired,
    prepared,
    invoker,
    logs,
    bus,
    asyncQueues,
    blobs,
    registry,
    runtimes,
    /** Lets a package have been put so long ago. */
    async age(digest: string, byMs: number): Promise<void> {
      const storedAt = new Date(clock.nowMs() - byMs);
      await utimes(join(directory, digest), storedAt, storedAt);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Answers with what the test says, and remembers what it was asked. */
export class ScriptedInvoker {
  readonly invocations: Invocation[] = [];
  answer: (invocation: Invocation) => Promise<Completion> = async invocation =>
    completion({
      kind: 'ok',
      payload: invocation.payload,
    });

  invoke(invocation: Invocation): Promise<Completion> {
    this.invocations.push(invocation);
    return this.answer(invocation);
  }
}

export function completion(outcome: Outcome): Completion {
  return { outcome, logTail: Buffer.from('END RequestId\n'), metering: undefined };
}

/** Records that the test wrote down; a follower is given those that come until it is aborted. */
class ListedLogs implements FunctionLogs {
  readonly records: LogRecord[] = [];
  #more = Promise.withResolvers<void>();

  add(group: string, message: string): void {
    this.records.push({ group, stream: 's', timestampMs: this.records.length, message });
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }

  openStream(): never {
    throw new Error('a gateway writes no logs');
  }

  async *read(
    group: string,
    options: { follow?: boolean; signal?: AbortSignal; sinceMs?: number; limit?: number },
  ): AsyncGenerator<LogRecord> {
    const aborted = new Promise<void>(resolve => options.signal?.addEventListener('abort', () => resolve()));
    let next = 0;
    do {
      for (; next < this.records.length; next++) {
        const record = this.records[next];
        if (record?.group === group && record.timestampMs >= (options.sinceMs ?? 0)) yield record;
      }
      if (options.follow) await Promise.race([this.#more.promise, aborted]);
    } while (options.follow && !options.signal?.aborted);
  }

  async groups(): Promise<readonly string[]> {
    return [...new Set(this.records.map(record => record.group))];
  }

  async flush(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** That AWS's client was refused with this exception and this text. */
export function refusedWith(name: string, message: string | RegExp) {
  return (error: unknown): boolean => {
    assert(error instanceof Error);
    assert.equal(error.name, name, error.message);
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  };
}
