import { create } from '@bufbuild/protobuf';
import { type WorkerReport, WorkerReportSchema } from '@lambent/contracts';
import type { CodeCache } from '@lambent/function-code';
import type { Runtime } from '@lambent/runtimes';
import type { Environments } from './environments.ts';
import type { Slots } from './slots.ts';

/** What placement is told of a worker. */
export function workerReport(worker: {
  readonly id: string;
  readonly runtimes: readonly Runtime[];
  readonly environments: Environments;
  readonly slots: Slots;
  readonly code: CodeCache;
  readonly draining: boolean;
}): WorkerReport {
  const { slots, environments } = worker;
  const idle = environments.filter(environment => environment.state === 'idle');
  const evictableMb = idle.reduce((sum, environment) => sum + environment.spec.memoryMb, 0);
  return create(WorkerReportSchema, {
    workerId: worker.id,
    memoryMbFree: BigInt(Math.floor(Math.max(0, slots.memoryMbFree + evictableMb))),
    limits: [{ limitId: 'pool', granted: slots.slots, used: slots.slots - slots.slotsFree }],
    draining: worker.draining,
    runtimes: worker.runtimes.map(runtime => runtime.identifier),
    holdings: [...environments.counts()],
    codeCached: [...worker.code.digests],
  });
}
