import { decodeKeyPart, type Registry } from '@lambent/registry';
import { GRANTS_PREFIX, grantKey } from './cluster-keys.ts';
import { slotsOf } from './slots-of.ts';

/** The slots that a worker holds, by limit. Rejects with `registry-unavailable`. */
export async function slotsOfWorker(registry: Registry, workerId: string): Promise<Record<string, number>> {
  const { entries } = await registry.range(GRANTS_PREFIX);
  const own = entries.flatMap(entry => {
    const limitId = decodeKeyPart(entry.key.slice(GRANTS_PREFIX.length).split('/')[0] ?? '');
    return entry.key === grantKey(limitId, workerId) ? [[limitId, slotsOf(entry)] as const] : [];
  });
  return Object.fromEntries(own);
}
