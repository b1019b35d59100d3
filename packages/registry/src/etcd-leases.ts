import type { CallOptions } from '@grpc/grpc-js';
import { fail, type Random } from '@lambent/core';
import type { EtcdClient } from './etcd-client.ts';
import type { EtcdEndpoint } from './etcd-endpoint.ts';
import { isLeaseGone, isLeaseTaken } from './from-etcd-error.ts';
import type { LeaseId } from './registry.ts';

/** Long enough for an election of etcd, and well below the time of any lease that matters. */
const LEASE_TIMEOUT_MS = 5_000;

/** Leases by plain calls. Whoever holds one counts its time: nothing here renews by itself or tells of an end. */
export class EtcdLeases {
  readonly #client: EtcdClient;
  readonly #random: Random;

  constructor(client: EtcdClient, random: Random) {
    this.#client = client;
    this.#random = random;
  }

  /** etcd counts whole seconds, from two on: a lease may live a little longer than asked for. */
  async grant(ttlMs: number): Promise<LeaseId> {
    const ID = newLeaseId(this.#random);
    const TTL = Math.ceil(ttlMs / 1_000);
    let asked = 0;
    const grant = async (endpoint: EtcdEndpoint, options: CallOptions) => {
      asked += 1;
      try {
        await endpoint.lease.leaseGrant({ ID, TTL }, options);
      } catch (error) {
        // The id is ours alone, so the member asked before has granted it, whatever became of its answer.
        if (asked === 1 || !isLeaseTaken(error)) throw error;
      }
    };
    await this.#client.ask(grant, { timeoutMs: LEASE_TIMEOUT_MS, repeatable: true });
    return ID;
  }

  renew(lease: LeaseId, timeoutMs = LEASE_TIMEOUT_MS): Promise<boolean> {
    return this.#client.ask((endpoint, options) => renewOnce(endpoint, lease, options), {
      timeoutMs,
      repeatable: true,
    });
  }

  async revoke(lease: LeaseId): Promise<void> {
    try {
      await this.#client.ask((endpoint, options) => endpoint.lease.leaseRevoke({ ID: lease }, options), {
        timeoutMs: LEASE_TIMEOUT_MS,
        repeatable: true,
      });
    } catch (error) {
      if (!isLeaseGone(error)) throw error;
    }
  }
}

/** A stream of one question and one answer: etcd has no plain call for it. */
async function renewOnce(endpoint: EtcdEndpoint, lease: LeaseId, options: CallOptions): Promise<boolean> {
  const stream = await endpoint.lease.leaseKeepAlive(options);
  return new Promise((resolve, reject) => {
    stream.on('data', ({ TTL }) => {
      // etcd's way to say that there is no such lease.
      resolve(TTL !== '0');
      stream.end();
    });
    stream.on('end', () => reject(fail('registry-unavailable', { detail: 'a renewal had no answer' })));
    stream.on('error', reject);
    stream.write({ ID: lease });
  });
}

/** Positive, and of 63 bits that nobody else draws: the same lease can be asked for twice. */
function newLeaseId(random: Random): LeaseId {
  const bits = Buffer.from(random.bytes(8)).readBigUInt64BE() >> 1n;
  return `${bits || 1n}` as LeaseId;
}
