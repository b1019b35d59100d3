import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { EnvironmentKeySchema, EnvironmentSpecSchema } from '@lambent/contracts';
import { nullTelemetry, type Telemetry } from '@lambent/daemon';
import { Environments } from './environments.ts';
import { MemoryBudget } from './memory-budget.ts';
import { WorkerMetrics } from './worker-metrics.ts';

/** Telemetry that adds up what it is told, by name. */
function summed() {
  const sums = new Map<string, number>();
  const add = (name: string) => (amount: number) => void sums.set(name, (sums.get(name) ?? 0) + amount);
  const telemetry: Telemetry = {
    ...nullTelemetry(),
    counter: name => ({ add: add(name) }),
    histogram: name => ({ record: add(name) }),
    gauge: (name, _description, observe) => void sums.set(name, observe()),
  };
  return { sums, telemetry };
}

test('an invocation is counted once, and as what it ended in', () => {
  const { sums, telemetry } = summed();
  const [environments, memory] = [new Environments(), new MemoryBudget(512)];
  const grants = { used: 2, free: 5, isProvisioned: () => true };
  const metrics = new WorkerMetrics(telemetry, { environments, memory, pools: { waiting: 3 }, grants });
  const spec = create(EnvironmentSpecSchema, { functionName: 'hello' });
  const metering = { durationMs: 1_500, billedMs: 1_500, maxMemoryMb: 1, initMs: 0 };
  const [payload, logTail] = [new Uint8Array(), new Uint8Array()];
  const key = create(EnvironmentKeySchema);
  metrics.completed(
    { spec, key, provisioned: true },
    { outcome: { kind: 'ok', payload }, logTail, metering },
  );
  const errorType = 'Sandbox.Timedout';
  metrics.completed(
    { spec, key, provisioned: false },
    { outcome: { kind: 'timeout', errorType, payload }, logTail, metering },
  );
  metrics.evicted(2);
  metrics.poolAnswered('nodejs24.x', 'given');
  metrics.prewarmed();
  metrics.started(spec, { initMs: 250, failed: true });
  assert.deepEqual(Object.fromEntries(sums), {
    lambent_worker_environments_starting: 0,
    lambent_worker_environments_idle: 0,
    lambent_worker_environments_busy: 0,
    lambent_worker_environments_provisioned: 0,
    lambent_worker_pool_waiting: 3,
    lambent_worker_slots_used: 2,
    lambent_worker_slots_free: 5,
    lambent_worker_memory_free_mb: 512,
    lambent_worker_invocations: 2,
    lambent_worker_provisioned_invocations: 1,
    lambent_worker_spillover_invocations: 1,
    lambent_worker_errors: 1,
    lambent_worker_timeouts: 1,
    lambent_worker_run_duration: 3,
    lambent_worker_pool_answers: 1,
    lambent_worker_evictions: 2,
    lambent_worker_prewarms: 1,
    lambent_worker_init_failures: 1,
    lambent_worker_init_duration: 0.25,
  });
});
