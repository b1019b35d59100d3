import { fail, type Random } from '@lambent/core';
import type { Registry } from '@lambent/registry';
import { CLUSTER_KEY } from './cluster-keys.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import type { ClusterRecord } from './records.ts';
import { writeOnce } from './write-once.ts';

/** The cluster's id, made by whoever asks first. Rejects with `registry-unavailable`. */
export async function claimClusterId(registry: Registry, random: Random): Promise<string> {
  const entry = await writeOnce(registry, CLUSTER_KEY, encodeRecord({ id: random.uuid() }));
  const record = decodeRecord<ClusterRecord>(entry, ['id']);
  if (!record) throw fail('record-unreadable', { key: CLUSTER_KEY });
  return record.id;
}
