import { createHash } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EnvironmentKey,
  type EnvironmentKeyText,
  type EnvironmentSpec,
  environmentKeyText,
  type Revisions,
  type StartCommand,
} from '@lambent/contracts';
import { type Clock, QUOTAS, type Random } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import type { UnpackedCode } from '@lambent/function-code';
import type { FunctionLogs } from '@lambent/function-logs';
import type { Runtime } from '@lambent/runtimes';
import type { Sandboxes } from '@lambent/sandbox';
import type { AwsEndpointAddress } from './aws-endpoint.ts';
import type { CodeSource } from './code-source.ts';
import { Environment, type EnvironmentEvents } from './environment.ts';
import { EnvironmentLog } from './environment-log.ts';
import { isProvided } from './environment-variables.ts';
import type { Environments } from './environments.ts';
import { chooseEvicted } from './evictor.ts';
import type { Grants } from './grants/grants.ts';
import { limitIdOf } from './grants/limit-id.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { type OpenChannel, RuntimeProcess } from './runtime-process.ts';
import { StartBackoff } from './start-backoff.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface EnvironmentStarterOptions {
  readonly runtimes: readonly Runtime[];
  readonly code: CodeSource;
  readonly sandboxes: Sandboxes;
  readonly openChannel: OpenChannel;
  readonly logs: FunctionLogs;
  readonly awsEndpoint: AwsEndpointAddress | undefined;
  readonly environments: Environments;
  readonly memory: MemoryBudget;
  readonly grants: Pick<Grants, 'open' | 'hasRoom' | 'want'>;
  /** Whether the others see this worker. */
  readonly present: () => boolean;
  readonly revisions: Revisions;
  readonly startsMax: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly metrics: WorkerMetrics;
  readonly events: EnvironmentEvents;
  /** A new environment is idle. */
  readonly started: (environment: Environment) => void;
  /** What environments there are has changed. */
  readonly changed: () => void;
}

/** Why a start was refused here; placement learns of it by the next report. */
type Refusal =
  | 'draining'
  | 'session-lost'
  | 'stale'
  | 'runtime-missing'
  | 'backing-off'
  | 'too-many-starts'
  | 'no-slot'
  | 'no-memory';

/** Starts environments when advised to, if this worker itself finds room: for memory it lets idle ones go. */
export class EnvironmentStarter {
  readonly #options: EnvironmentStarterOptions;
  readonly #runtimes: ReadonlyMap<string, Runtime>;
  readonly #backoff = new StartBackoff();
  readonly #starts = new Set<Promise<void>>();
  #draining = false;

  constructor(options: EnvironmentStarterOptions) {
    this.#options = options;
    this.#runtimes = new Map(options.runtimes.map(runtime => [runtime.identifier, runtime]));
  }

  start(spec: EnvironmentSpec, { count, traceparent }: Pick<StartCommand, 'count' | 'traceparent'>): void {
    const { logger, changed } = this.#options;
    for (let started = 0; started < count; started += 1) {
      const refusal = this.#refusal(spec);
      if (refusal) {
        logger.debug({ functionName: spec.functionName, refusal }, 'start refused');
        break;
      }
      const start = this.#startOne(spec, traceparent).finally(() => this.#starts.delete(start));
      this.#starts.add(start);
    }
    changed();
  }

  /** Starts nothing more; resolves when nothing is starting. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all(this.#starts);
  }

  #refusal(spec: EnvironmentSpec): Refusal | undefined {
    const { revisions, grants, present, startsMax, clock, environments } = this.#options;
    if (!spec.key || this.#draining) return 'draining';
    if (!present()) return 'session-lost';
    if (!this.#runtimes.has(spec.runtime)) return 'runtime-missing';
    const standing = revisions.observe(spec.key);
    if (standing === 'stale') return 'stale';
    if (standing === 'newer')
      for (const old of environments.filter(one => revisions.isStale(one.key))) old.retire();
    if (!this.#backoff.mayStart(environmentKeyText(spec.key), clock.monotonicMs())) return 'backing-off';
    if (this.#starts.size >= startsMax) return 'too-many-starts';
    return grants.open && grants.hasRoom ? undefined : 'no-slot';
  }

  async #startOne(spec: EnvironmentSpec, traceparent: string): Promise<void> {
    const { key } = spec;
    const runtime = this.#runtimes.get(spec.runtime);
    const memory = key && (await this.#takeMemory(spec.memoryMb, environmentKeyText(key)));
    if (!key || !runtime || !memory) return;
    const resources = new DisposableStack();
    resources.use(memory);
    const environment = this.#make(spec, key, runtime, resources);
    this.#options.environments.add(environment);
    // Its slot is raised while it starts; if it is ready before, it waits for one.
    this.#options.grants.want(limitIdOf(spec));
    this.#options.changed();
    await this.#init(environment, traceparent);
  }

  async #init(environment: Environment, traceparent: string): Promise<void> {
    const { clock, logger, metrics, telemetry, started } = this.#options;
    const { keyText, spec } = environment;
    const attributes = { 'faas.name': spec.functionName };
    const span = telemetry.startSpan('lambent.init', { traceparent, attributes });
    try {
      const { kind, initMs } = await environment.start();
      if (kind === 'ended') return;
      metrics.started(spec, { initMs, failed: kind === 'init-failed' });
      if (kind === 'ready') this.#backoff.succeeded(keyText);
      else this.#backoff.failed(keyText, clock.monotonicMs());
      if (kind === 'init-failed') span.fail(kind);
      started(environment);
    } catch (error) {
      span.fail('platform');
      this.#backoff.failed(keyText, clock.monotonicMs());
      logger.warn({ functionName: spec.functionName, err: error }, 'environment not started');
    } finally {
      span.end();
    }
  }

  /** Lets idle environments of other keys go, the longest idle first, until there is room; undefined: there is none. */
  async #takeMemory(memoryMb: number, key: EnvironmentKeyText): Promise<Disposable | undefined> {
    const { memory, environments, metrics } = this.#options;
    for (;;) {
      const taken = memory.take(memoryMb);
      if (taken) return taken;
      const idle = environments
        .filter(one => one.state === 'idle' && one.keyText !== key)
        .map(one => ({ one, memoryMb: one.spec.memoryMb, idleSinceMs: one.idleSinceMs }));
      const evicted = chooseEvicted(idle, { freeMb: memory.freeMb, neededMb: memoryMb });
      if (!evicted || this.#draining) return undefined;
      metrics.evicted(evicted.length);
      // Memory is free only when their processes are gone; others may take it first, so this asks again.
      await Promise.all(evicted.map(({ one }) => one.end()));
    }
  }

  #make(
    spec: EnvironmentSpec,
    key: EnvironmentKey,
    runtime: Runtime,
    resources: DisposableStack,
  ): Environment {
    const { clock, random, logs, logger, telemetry, events } = this.#options;
    const log = new EnvironmentLog({ logs, spec, clock, random });
    log.platform(initStartOf(spec, runtime));
    let code: UnpackedCode | undefined;
    return new Environment({
      spec,
      key,
      log,
      clock,
      telemetry,
      logger: logger.child({ functionName: spec.functionName, logStream: log.streamName }),
      initTimeoutMs: QUOTAS.initMs,
      launch: async () => {
        code ??= resources.use(await this.#options.code.acquire(spec.codeSha256, Number(spec.codeBytes)));
        if (isProvided(runtime) && !(await isExecutable(join(code.directory, 'bootstrap')))) return undefined;
        return await RuntimeProcess.start({
          ...this.#options,
          spec,
          runtime,
          log,
          codeDirectory: code.directory,
        });
      },
      events: {
        ...events,
        ended: environment => {
          resources.dispose();
          events.ended(environment);
        },
      },
    });
  }
}

/** AWS names a runtime's version and its ARN; ours are the program's own version and a digest of both. */
function initStartOf(spec: EnvironmentSpec, runtime: Runtime) {
  const name = /^[a-z]+/.exec(runtime.identifier)?.[0] ?? runtime.identifier;
  const version = /\d[\w.]*/.exec(runtime.detail)?.[0] ?? runtime.identifier.slice(name.length + 1);
  const digest = createHash('sha256').update(`${runtime.identifier}\n${runtime.detail}`).digest('hex');
  return {
    type: 'initStart',
    runtimeVersion: `${name}:${version}`,
    runtimeVersionArn: `arn:aws:lambda:${spec.region}::runtime:${digest}`,
    functionName: spec.functionName,
    functionVersion: spec.key?.version ?? '',
  } as const;
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
