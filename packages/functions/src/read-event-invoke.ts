import type { Registry } from '@lambent/registry';
import type { EventInvokeRecord } from './event-invoke-record.ts';
import { eventInvokeKey } from './function-keys.ts';
import { decodeEventInvoke } from './stored-record.ts';
import { LATEST } from './version-record.ts';

/** For events addressed with that qualifier. Rejects with `registry-unavailable`. */
export async function readEventInvoke(
  registry: Pick<Registry, 'get'>,
  functionId: string,
  qualifier: string = LATEST,
): Promise<EventInvokeRecord | undefined> {
  const entry = await registry.get(eventInvokeKey(functionId, qualifier));
  return entry && decodeEventInvoke(entry);
}
