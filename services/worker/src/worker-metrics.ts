import type { EnvironmentSpec } from '@lambent/contracts';
import type { Counter, Histogram, Telemetry } from '@lambent/daemon';
import type { Completion } from './completion.ts';
import type { Environment } from './environment.ts';
import type { Environments } from './environments.ts';
import type { Grants } from './grants/grants.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { PoolAnswer, Pools } from './pool/pools.ts';

/** What a worker counts. */
export class WorkerMetrics {
  readonly #invocations: Counter;
  readonly #errors: Counter;
  readonly #timeouts: Counter;
  readonly #evictions: Counter;
  readonly #prewarms: Counter;
  readonly #provisioned: Counter;
  readonly #spillovers: Counter;
  readonly #initFailures: Counter;
  readonly #poolAnswers: Counter;
  readonly #standbyAnswers: Counter;
  readonly #duration: Histogram;
  readonly #initDuration: Histogram;
  readonly #grants: Pick<Grants, 'used' | 'free' | 'isProvisioned'>;

  constructor(
    telemetry: Telemetry,
    worker: {
      readonly environments: Environments;
      readonly grants: Pick<Grants, 'used' | 'free' | 'isProvisioned'>;
      readonly memory: MemoryBudget;
      readonly pools: Pick<Pools, 'waiting'>;
    },
  ) {
    const { environments, grants, memory, pools } = worker;
    this.#grants = grants;
    this.#invocations = telemetry.counter('lambent_worker_invocations', 'Invocations that ended here.');
    this.#errors = telemetry.counter('lambent_worker_errors', 'Those that did not end well.');
    this.#timeouts = telemetry.counter('lambent_worker_timeouts', 'Those that took longer than they may.');
    this.#evictions = telemetry.counter('lambent_worker_evictions', 'Idle environments ended to make room.');
    this.#provisioned = telemetry.counter(
      'lambent_worker_provisioned_invocations',
      'Those that ended in an environment that was provisioned.',
    );
    this.#spillovers = telemetry.counter(
      'lambent_worker_spillover_invocations',
      'Those that ended in one on demand, of a version that has provisioned concurrency.',
    );
    this.#prewarms = telemetry.counter(
      'lambent_worker_prewarms',
      'Environments started before anybody came.',
    );
    this.#initFailures = telemetry.counter('lambent_worker_init_failures', 'Inits that failed.');
    this.#poolAnswers = telemetry.counter('lambent_worker_pool_answers', 'Starts, by what their pool had.');
    this.#standbyAnswers = telemetry.counter(
      'lambent_worker_standby_answers',
      'First invocations of environments with SnapStart: whether one stood by.',
    );
    this.#duration = telemetry.histogram('lambent_worker_run_duration', "A function's run.", 's');
    this.#initDuration = telemetry.histogram('lambent_worker_init_duration', 'From process to ready.', 's');
    for (const state of ['starting', 'idle', 'busy'] as const) {
      telemetry.gauge(`lambent_worker_environments_${state}`, `Environments that are ${state}.`, () =>
        environments.counts().reduce((sum, count) => sum + count[state], 0),
      );
    }
    telemetry.gauge(
      'lambent_worker_environments_provisioned',
      'Provisioned environments that are ready.',
      () => environments.counts().reduce((sum, { provisioned }) => sum + provisioned, 0),
    );
    telemetry.gauge(
      'lambent_worker_pool_waiting',
      'Sandboxes that wait for a function.',
      () => pools.waiting,
    );
    telemetry.gauge('lambent_worker_slots_used', 'Invocations in flight.', () => grants.used);
    telemetry.gauge('lambent_worker_slots_free', 'Slots held and not in use.', () => grants.free);
    telemetry.gauge(
      'lambent_worker_memory_free_mb',
      'Memory not given to environments.',
      () => memory.freeMb,
    );
  }

  completed(
    { spec, key, provisioned }: Pick<Environment, 'spec' | 'key' | 'provisioned'>,
    { outcome, metering }: Completion,
  ): void {
    const labels = { function: spec.functionName };
    this.#invocations.add(1, labels);
    if (provisioned) this.#provisioned.add(1, labels);
    else if (this.#grants.isProvisioned(key)) this.#spillovers.add(1, labels);
    if (outcome.kind !== 'ok') this.#errors.add(1, { ...labels, kind: outcome.kind });
    if (outcome.kind === 'timeout') this.#timeouts.add(1, labels);
    this.#duration.record(metering.durationMs / 1_000, labels);
  }

  started({ functionName, runtime }: EnvironmentSpec, init: { initMs: number; failed: boolean }): void {
    if (init.failed) this.#initFailures.add(1, { function: functionName });
    this.#initDuration.record(init.initMs / 1_000, { runtime });
  }

  poolAnswered(runtime: string, answer: PoolAnswer): void {
    this.#poolAnswers.add(1, { runtime, answer });
  }

  standbyAnswered({ functionName }: EnvironmentSpec, answer: 'hit' | 'miss'): void {
    this.#standbyAnswers.add(1, { function: functionName, answer });
  }

  prewarmed(): void {
    this.#prewarms.add(1);
  }

  evicted(environments: number): void {
    this.#evictions.add(environments);
  }
}
