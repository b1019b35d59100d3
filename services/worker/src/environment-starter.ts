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
import type { Clock, Random } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import type { CodePackage, UnpackedCode } from '@lambent/function-code';
import type { FunctionLogs } from '@lambent/function-logs';
import type { Runtime } from '@lambent/runtimes';
import type { Sandboxes } from '@lambent/sandbox';
import type { AwsEndpointAddress } from './aws-endpoint.ts';
import type { CodeSource } from './code-source.ts';
import type { CompileCaches } from './compile-caches.ts';
import { Environment, type EnvironmentEvents, type ReuseLimits, type StartEnd } from './environment.ts';
import { EnvironmentLog } from './environment-log.ts';
import { isProvided } from './environment-variables.ts';
import type { Environments } from './environments.ts';
import { chooseEvicted } from './evictor.ts';
import type { Grants } from './grants/grants.ts';
import type { InitializationType } from './initialization-type.ts';
import type { Retention } from './keep-alive/retention.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { RuntimeBuild } from './platform-event.ts';
import type { Pools } from './pool/pools.ts';
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
  readonly pools: Pools;
  readonly compileCaches: CompileCaches;
  readonly retention: Pick<Retention, 'worth' | 'letGo'>;
  readonly reuse: ReuseLimits;
  readonly freezeIdle: boolean;
  readonly grants: Pick<Grants, 'open' | 'hasRoom' | 'want' | 'limitOf'>;
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

interface Start {
  readonly initializationType: InitializationType;
  /** Nobody waits for it yet: it makes nobody go, and needs no slot. */
  readonly prewarmed?: boolean;
  /** Empty where it is not traced. */
  readonly traceparent: string;
}

/** What a start that was not refused came to. */
export type StartResult = StartEnd['kind'] | 'no-memory' | 'not-started';

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
  /** Apart, so that those that are provisioned do not use up the tries of those that somebody waits for. */
  readonly #backoff = {
    'on-demand': new StartBackoff(),
    'snap-start': new StartBackoff(),
    'provisioned-concurrency': new StartBackoff(),
  };
  readonly #starts = new Set<Promise<unknown>>();
  /** Of these, those that are to be provisioned. */
  #provisioning = 0;
  #draining = false;

  constructor(options: EnvironmentStarterOptions) {
    this.#options = options;
    this.#runtimes = new Map(options.runtimes.map(runtime => [runtime.identifier, runtime]));
  }

  start(spec: EnvironmentSpec, { count, traceparent }: Pick<StartCommand, 'count' | 'traceparent'>): void {
    for (let started = 0; started < count; started += 1) {
      if (!this.#begin(spec, { initializationType: unprovisioned(spec), traceparent })) break;
    }
    this.#options.changed();
  }

  /** One that is to be provisioned. Undefined: refused. Resolves, when it is ready or will not be, with which. */
  provision(spec: EnvironmentSpec): Promise<StartResult> | undefined {
    // Their inits may take minutes, and are not to stand in the way of those that somebody waits for.
    if (this.#provisioning >= this.#options.startsMax / 2) return undefined;
    const start = this.#begin(spec, { initializationType: 'provisioned-concurrency', traceparent: '' });
    if (!start) return undefined;
    this.#provisioning += 1;
    return start.finally(() => {
      this.#provisioning -= 1;
    });
  }

  /** One that is about to be wanted, where there is room to spare. */
  prewarm(spec: EnvironmentSpec): void {
    if (this.#starts.size >= this.#options.startsMax / 2) return;
    const start = { initializationType: unprovisioned(spec), prewarmed: true, traceparent: '' };
    if (this.#begin(spec, start)) this.#options.metrics.prewarmed();
    this.#options.changed();
  }

  /** Starts nothing more; resolves when nothing is starting. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all(this.#starts);
  }

  #begin(spec: EnvironmentSpec, start: Start): Promise<StartResult> | undefined {
    const refusal = this.#refusal(spec, start);
    if (refusal) {
      this.#options.logger.debug({ functionName: spec.functionName, refusal }, 'start refused');
      return undefined;
    }
    const starting = this.#startOne(spec, start).finally(() => this.#starts.delete(starting));
    this.#starts.add(starting);
    return starting;
  }

  #refusal(spec: EnvironmentSpec, { initializationType, prewarmed = false }: Start): Refusal | undefined {
    const { revisions, grants, present, startsMax, clock, environments } = this.#options;
    if (!spec.key || this.#draining) return 'draining';
    if (!present()) return 'session-lost';
    if (!this.#runtimes.has(spec.runtime)) return 'runtime-missing';
    const standing = revisions.observe(spec.key);
    if (standing === 'stale') return 'stale';
    if (standing === 'newer')
      for (const old of environments.filter(one => revisions.isStale(one.key))) old.retire();
    const backoff = this.#backoff[initializationType];
    if (!backoff.mayStart(environmentKeyText(spec.key), clock.monotonicMs())) return 'backing-off';
    if (this.#starts.size >= startsMax) return 'too-many-starts';
    return grants.open && (grants.hasRoom || prewarmed) ? undefined : 'no-slot';
  }

  async #startOne(spec: EnvironmentSpec, start: Start): Promise<StartResult> {
    const { key } = spec;
    const runtime = this.#runtimes.get(spec.runtime);
    // An idle one of the same key serves as well as one on demand, and not as one that is provisioned.
    const own =
      key && start.initializationType !== 'provisioned-concurrency' ? environmentKeyText(key) : undefined;
    const free = this.#options.memory.take(spec.memoryMb);
    const memory = free ?? (start.prewarmed ? undefined : await this.#makeRoom(spec.memoryMb, own));
    if (!key || !runtime || !memory) return 'no-memory';
    const resources = new DisposableStack();
    resources.use(memory);
    const environment = this.#make(spec, key, { runtime, resources, ...start });
    this.#options.environments.add(environment);
    // Its slot is raised while it starts; if it is ready before, it waits for one.
    if (!environment.provisioned && !environment.prewarmed)
      this.#options.grants.want(this.#options.grants.limitOf(key.functionId));
    this.#options.changed();
    return await this.#init(environment, start);
  }

  async #init(environment: Environment, { initializationType, traceparent }: Start): Promise<StartResult> {
    const { clock, logger, metrics, telemetry, started } = this.#options;
    const { keyText, spec } = environment;
    const backoff = this.#backoff[initializationType];
    const attributes = { 'faas.name': spec.functionName };
    const span = telemetry.startSpan('lambent.init', { traceparent, attributes });
    try {
      const { kind, initMs } = await environment.start();
      if (kind === 'ended') return kind;
      metrics.started(spec, { initMs, failed: kind === 'init-failed' });
      if (kind === 'ready') backoff.succeeded(keyText);
      else backoff.failed(keyText, clock.monotonicMs());
      if (kind === 'init-failed') span.fail(kind);
      // Of no use: what it is held for is that nobody waits for an init.
      if (kind === 'init-failed' && environment.provisioned) await environment.end();
      else started(environment);
      return kind;
    } catch (error) {
      span.fail('platform');
      backoff.failed(keyText, clock.monotonicMs());
      logger.warn({ functionName: spec.functionName, err: error }, 'environment not started');
      return 'not-started';
    } finally {
      span.end();
    }
  }

  /**
   * Lets sandboxes that wait for a function go, then idle environments of other keys, those worth least first, until
   * there is room; undefined: there is none.
   */
  async #makeRoom(memoryMb: number, own: EnvironmentKeyText | undefined): Promise<Disposable | undefined> {
    const { memory, environments, metrics, pools, retention } = this.#options;
    for (;;) {
      const taken = memory.take(memoryMb);
      if (taken) return taken;
      if (pools.memoryMb > 0) {
        await pools.yield(memoryMb - memory.freeMb);
        continue;
      }
      const idle = environments
        .spare()
        .filter(one => one.keyText !== own)
        .map(one => ({
          one,
          memoryMb: one.spec.memoryMb,
          idleSinceMs: one.idleSinceMs,
          // Nobody has missed one of these yet.
          worth: one.standby ? 0 : retention.worth(one),
        }));
      const evicted = chooseEvicted(idle, { freeMb: memory.freeMb, neededMb: memoryMb });
      if (!evicted || this.#draining) return undefined;
      metrics.evicted(evicted.length);
      // Memory is free only when their processes are gone; others may take it first, so this asks again.
      await Promise.all(evicted.map(({ one }) => retention.letGo(one)));
    }
  }

  #make(
    spec: EnvironmentSpec,
    key: EnvironmentKey,
    start: Start & { readonly runtime: Runtime; readonly resources: DisposableStack },
  ): Environment {
    const {
      clock,
      random,
      logs,
      logger,
      telemetry,
      events,
      pools,
      compileCaches,
      metrics,
      reuse,
      freezeIdle,
    } = this.#options;
    const { initializationType, prewarmed = false, runtime, resources } = start;
    const log = new EnvironmentLog({ logs, spec, clock, random });
    const runtimeBuild = buildOf(spec, runtime);
    log.platform({
      type: 'initStart',
      ...runtimeBuild,
      initializationType,
      functionName: spec.functionName,
      functionVersion: key.version,
    });
    let code: UnpackedCode | undefined;
    let layers: UnpackedCode | undefined;
    return new Environment({
      spec,
      key,
      initializationType,
      runtimeBuild,
      prewarmed,
      reuse,
      freezeIdle,
      log,
      clock,
      telemetry,
      logger: logger.child({ functionName: spec.functionName, logStream: log.streamName }),
      launch: async () => {
        code ??= resources.use(await this.#options.code.acquire(packageOf(spec)));
        if (spec.layers.length > 0)
          layers ??= resources.use(await this.#options.code.acquireStack(spec.layers.map(packageOf)));
        if (isProvided(runtime) && !(await hasBootstrap(code)) && !(await hasBootstrap(layers)))
          return undefined;
        return await RuntimeProcess.start({
          ...this.#options,
          spec,
          runtime,
          initializationType,
          log,
          takeWaiting: wish => pools.take(wish, answer => metrics.poolAnswered(runtime.identifier, answer)),
          code,
          layers,
          compileCache: compileCaches.of(spec, runtime),
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
function buildOf(spec: EnvironmentSpec, runtime: Runtime): RuntimeBuild {
  const name = /^[a-z]+/.exec(runtime.identifier)?.[0] ?? runtime.identifier;
  const version = /\d[\w.]*/.exec(runtime.detail)?.[0] ?? runtime.identifier.slice(name.length + 1);
  const digest = createHash('sha256').update(`${runtime.identifier}\n${runtime.detail}`).digest('hex');
  return {
    runtimeVersion: `${name}:${version}`,
    runtimeVersionArn: `arn:aws:lambda:${spec.region}::runtime:${digest}`,
  };
}

function unprovisioned({ snapStart }: EnvironmentSpec): InitializationType {
  return snapStart ? 'snap-start' : 'on-demand';
}

function packageOf({
  codeSha256,
  codeBytes,
}: Pick<EnvironmentSpec, 'codeSha256' | 'codeBytes'>): CodePackage {
  return { digest: codeSha256, bytes: Number(codeBytes) };
}

async function hasBootstrap(code: UnpackedCode | undefined): Promise<boolean> {
  if (!code) return false;
  await code.whole;
  return await access(join(code.directory, 'bootstrap'), constants.X_OK).then(
    () => true,
    () => false,
  );
}
