import { create } from '@bufbuild/protobuf';
import { type WorkerReport, WorkerReportSchema } from '@lambent/contracts';
import type { Runtime } from '@lambent/runtimes';
import type { CodeSource } from './code-source.ts';
import type { Environments } from './environments.ts';
import type { Grants } from './grants/grants.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** What placement is told of a worker. */
export function workerReport(worker: {
  readonly id: string;
  readonly incarnation: string;
  readonly runtimes: readonly Runtime[];
  readonly environments: Environments;
  readonly grants: Grants;
  readonly memory: MemoryBudget;
  readonly code: CodeSource;
  readonly draining: boolean;
  readonly sessionLost: boolean;
}): WorkerReport {
  const { grants, memory, environments, draining, sessionLost, incarnation } = worker;
  const idle = environments.filter(environment => environment.state === 'idle');
  const evictableMb = idle.reduce((sum, environment) => sum + environment.spec.memoryMb, 0);
  // What would find no slot, by this worker's own bound, has no use for memory.
  const memoryMbFree = grants.hasRoom ? Math.max(0, memory.freeMb + evictableMb) : 0;
  return create(WorkerReportSchema, {
    workerId: worker.id,
    incarnation,
    memoryMbFree: BigInt(Math.floor(memoryMbFree)),
    limits: grants.holdings(),
    draining,
    sessionLost,
    runtimes: worker.runtimes.map(runtime => runtime.identifier),
    holdings: [...environments.counts()],
    codeCached: [...worker.code.digests],
  });
}
