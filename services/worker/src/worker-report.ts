import { create } from '@bufbuild/protobuf';
import { environmentKeyText, type WorkerReport, WorkerReportSchema } from '@lambent/contracts';
import type { Runtime } from '@lambent/runtimes';
import type { CodeSource } from './code-source.ts';
import type { Environments } from './environments.ts';
import type { Grants } from './grants/grants.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { Pools } from './pool/pools.ts';
import type { Provisioned } from './provisioned/provisioned.ts';

/** What placement is told of a worker. */
export function workerReport(worker: {
  readonly id: string;
  readonly incarnation: string;
  readonly runtimes: readonly Runtime[];
  readonly environments: Environments;
  readonly grants: Grants;
  readonly memory: MemoryBudget;
  readonly provisioned: Pick<Provisioned, 'failing'>;
  readonly pools: Pick<Pools, 'memoryMb'>;
  readonly code: CodeSource;
  readonly draining: boolean;
  readonly sessionLost: boolean;
}): WorkerReport {
  const { grants, memory, pools, environments, draining, sessionLost, incarnation } = worker;
  const evictableMb = environments.spare().reduce((sum, environment) => sum + environment.spec.memoryMb, 0);
  // What would find no slot, by this worker's own bound, has no use for memory.
  const memoryMbFree = grants.hasRoom ? Math.max(0, memory.freeMb + pools.memoryMb + evictableMb) : 0;
  return create(WorkerReportSchema, {
    workerId: worker.id,
    incarnation,
    memoryMbFree: BigInt(Math.floor(memoryMbFree)),
    limits: grants.holdings(),
    draining,
    sessionLost,
    runtimes: worker.runtimes.map(runtime => runtime.identifier),
    holdings: holdingsOf(worker),
    codeCached: [...worker.code.digests],
  });
}

/** By key: what there is, and what there is none of since its inits fail. */
function holdingsOf(worker: {
  readonly environments: Environments;
  readonly provisioned: Pick<Provisioned, 'failing'>;
}) {
  const failing = new Map(worker.provisioned.failing().map(key => [environmentKeyText(key), key]));
  const held = worker.environments.counts().map(count => {
    const fails = failing.delete(environmentKeyText(count.key));
    return { ...count, provisioningFailure: fails ? INIT_FAILURE : '' };
  });
  return [...held, ...failing.values().map(key => ({ key, provisioningFailure: INIT_FAILURE }))];
}

/** AWS's word for it. */
const INIT_FAILURE = 'FUNCTION_ERROR_INIT_FAILURE';
