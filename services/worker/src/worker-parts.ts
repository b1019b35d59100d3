import { totalmem } from 'node:os';
import { CodeCache } from '@lambent/function-code';
import type { CodeSource } from './code-source.ts';
import { CompileCaches } from './compile-caches.ts';
import { memoryBudgetMb } from './config.ts';
import { Environments } from './environments.ts';
import { MemoryBudget } from './memory-budget.ts';
import { Pools } from './pool/pools.ts';
import { RouterDoor } from './router-door.ts';
import { WorkerIdentity } from './worker-identity.ts';
import type { WorkerOptions } from './worker-options.ts';
import { checkQuotas } from './worker-quotas.ts';

/** What a worker has. */
export interface WorkerParts {
  readonly environments: Environments;
  readonly memory: MemoryBudget;
  readonly pools: Pools;
  readonly identity: WorkerIdentity;
  readonly code: CodeSource;
  readonly compileCaches: CompileCaches;
  readonly door: RouterDoor;
}

/**
 * What an earlier life of it left running is gone before anything is opened. `opening` closes what was; `changed` hears
 * of slots that come and go.
 */
export async function openWorkerParts(
  options: WorkerOptions,
  { opening, changed }: { readonly opening: AsyncDisposableStack; readonly changed: () => void },
): Promise<WorkerParts> {
  const { address, link, clock, sandboxes, logger, config } = options;
  const swept = await sandboxes.sweep();
  if (swept.length > 0) logger.warn({ swept }, 'leftovers of an earlier run removed');
  const quotas = checkQuotas(options);
  const maxBytes = config.codeCacheBytes;
  const unzippedBytesMax = quotas.codeUnzippedBytes;
  const code =
    options.code ??
    opening.use(
      await CodeCache.open({ ...options, directory: options.codeDirectory, maxBytes, unzippedBytesMax }),
    );
  const compileCaches = await CompileCaches.open({ directory: options.compiledDirectory, logger });
  const environments = new Environments();
  const memory = new MemoryBudget(memoryBudgetMb(config, totalmem()));
  const identity = opening.use(await WorkerIdentity.claim({ ...options, environments, memory, changed }));
  const pools = opening.use(new Pools({ ...options, ...config, memory }));
  const door = opening.use(new RouterDoor({ link, address, clock }));
  return { environments, memory, pools, identity, code, compileCaches, door };
}
