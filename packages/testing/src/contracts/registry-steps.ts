import assert from 'node:assert/strict';
import type { Compare, LeaseId, Registry, WatchBatch, Write } from '@lambent/registry';

export function put(key: string, value: string, lease?: LeaseId): Write {
  return { kind: 'put', key, value: bytes(value), ...(lease && { lease }) };
}

export function remove(key: string): Write {
  return { kind: 'delete', key };
}

export function key(name: string, modRevision: number): Compare {
  return { kind: 'key', key: name, modRevision };
}

export function below(prefix: string, notAfterRevision: number): Compare {
  return { kind: 'range', prefix, notAfterRevision };
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}

export function keyOf(event: WatchBatch['events'][number]): string {
  return event.kind === 'put' ? event.entry.key : event.key;
}

export async function commit(registry: Registry, ...write: Write[]): Promise<number> {
  const result = await registry.transact({ compare: [], write });
  assert.equal(result.kind, 'committed');
  return result.kind === 'committed' ? result.revision : 0;
}

export async function holds(registry: Registry, compare: Compare): Promise<boolean> {
  return (await registry.transact({ compare: [compare], write: [] })).kind === 'committed';
}

/** The first `count` batches of a watch. */
export async function take(registry: Registry, prefix: string, fromRevision: number, count: number) {
  const batches: WatchBatch[] = [];
  if (count === 0) return batches;
  const { signal } = new AbortController();
  for await (const batch of registry.watch(prefix, { fromRevision, signal })) {
    batches.push(batch);
    if (batches.length === count) break;
  }
  return batches;
}

/** Reads on until so many keys were deleted, whether in one batch or in several. */
export async function deletedKeys(registry: Registry, prefix: string, fromRevision: number, count: number) {
  const keys: string[] = [];
  const { signal } = new AbortController();
  for await (const { events } of registry.watch(prefix, { fromRevision, signal })) {
    keys.push(...events.filter(event => event.kind === 'delete').map(keyOf));
    if (keys.length >= count) break;
  }
  return keys.sort();
}
