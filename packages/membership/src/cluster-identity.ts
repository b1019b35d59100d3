import { fail, type Random } from '@lambent/core';
import type { Registry } from '@lambent/registry';
import { CLUSTER_KEY } from './cluster-keys.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import type { ClusterRecord } from './records.ts';

/** The cluster's id, made by whoever asks first. Rejects with `registry-unavailable`. */
export async function claimClusterId(registry: Registry, random: Random): Promise<string> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const entry = await registry.get(CLUSTER_KEY);
    const record = entry && decodeRecord<ClusterRecord>(entry, ['id']);
    if (record) return record.id;
    if (entry) throw fail('record-unreadable', { key: CLUSTER_KEY });
    await registry.transact({
      compare: [{ kind: 'key', key: CLUSTER_KEY, modRevision: 0 }],
      write: [{ kind: 'put', key: CLUSTER_KEY, value: encodeRecord({ id: random.uuid() }) }],
    });
  }
  throw fail('registry-unavailable', { detail: 'the cluster could not be given an identity' });
}

/** The second reading finds what this one or another wrote; a third, what an unknown write left. */
const TRIES = 3;
