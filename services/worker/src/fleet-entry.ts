import { fail } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import {
  decodeMember,
  decodeRecord,
  encodeRecord,
  type FleetRecord,
  fleetKey,
  memberKey,
  outlives,
  slotsOfWorker,
} from '@lambent/membership';
import type { Entry, LeaseId, Registry } from '@lambent/registry';

export interface FleetEntryOptions {
  readonly registry: Registry;
  readonly workerId: string;
  readonly address: string;
  readonly memoryMb: number;
  /** Identifiers. */
  readonly runtimes: readonly string[];
  /** Of this life of the worker. */
  readonly incarnation: string;
  /** Where it lives, as its record among the members tells. */
  readonly place: string;
  readonly logger: Logger;
}

/**
 * This worker's line in the registry, `fleet/<id>`: there from joining until leaving, read by every router. Each write
 * compares what this life wrote or found last, so that of two lives with one id only one goes on.
 */
export class FleetEntry implements AsyncDisposable {
  readonly #options: FleetEntryOptions;
  readonly #key: string;
  /** Of the line as it was last seen; 0: there was none. */
  #revision: number;

  private constructor(options: FleetEntryOptions, revision: number) {
    this.#options = options;
    this.#key = fleetKey(options.workerId);
    this.#revision = revision;
  }

  /**
   * Ends the life before this one: its grants are void from here on. Rejects with `worker-id-taken` when that life may
   * still be one: it is not known to be dead, and its session is renewed or it holds slots. A worker that is cut off
   * from the registry has no session, and runs on what it holds. Rejects with `registry-unavailable`, too.
   */
  static async claim(options: FleetEntryOptions): Promise<FleetEntry> {
    const { registry, workerId, place, logger } = options;
    const member = await registry.get(memberKey('worker', workerId));
    const living = member && decodeMember(member);
    if (living && !outlives(place, living.place))
      throw fail('worker-id-taken', { detail: `it lives in ${living.place}` });
    const entry = await registry.get(fleetKey(workerId));
    const earlier = entry && decodeFleetRecord(entry);
    if (earlier) {
      const held = outlives(place, earlier.place) ? {} : await slotsOfWorker(registry, workerId);
      if (Object.values(held).some(slots => slots > 0))
        throw fail('worker-id-taken', { detail: `slots are held from ${earlier.place}` });
      logger.info({ incarnation: earlier.incarnation }, 'grants of the life before are revoked');
      await registry.revokeLease(earlier.grantLease as LeaseId);
    }
    return new FleetEntry(options, entry?.modRevision ?? 0);
  }

  /** Says where this worker is and what its grants live by. Rejects as `claim` does. */
  async write(grantLease: LeaseId): Promise<void> {
    const { registry, address, incarnation, place, memoryMb, runtimes } = this.#options;
    const record: FleetRecord = { address, incarnation, place, grantLease, memoryMb, runtimes };
    const result = await registry.transact({
      compare: [{ kind: 'key', key: this.#key, modRevision: this.#revision }],
      write: [{ kind: 'put', key: this.#key, value: encodeRecord(record) }],
    });
    if (result.kind === 'committed') this.#revision = result.revision;
    else await this.#reread(grantLease);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { registry, logger } = this.#options;
    const { kind } = await registry.transact({
      compare: [{ kind: 'key', key: this.#key, modRevision: this.#revision }],
      write: [{ kind: 'delete', key: this.#key }],
    });
    // A line left behind names a worker that does not answer; the next life of this worker writes it anew.
    if (kind !== 'committed') logger.warn({ kind }, 'fleet entry not deleted');
  }

  /** What stands there decides whether the write came through, may be tried again, or came too late. */
  async #reread(grantLease: LeaseId): Promise<void> {
    const { registry, incarnation } = this.#options;
    const entry = await registry.get(this.#key);
    const record = entry && decodeFleetRecord(entry);
    const untouched = entry?.modRevision === this.#revision;
    if (record && record.incarnation !== incarnation && !untouched)
      throw fail('worker-id-taken', { detail: `it has begun another life, ${record.incarnation}` });
    this.#revision = entry?.modRevision ?? 0;
    if (record?.grantLease !== grantLease)
      throw fail('registry-unavailable', { detail: 'the fleet entry could not be written' });
  }
}

function decodeFleetRecord(entry: Entry): FleetRecord | undefined {
  return decodeRecord<FleetRecord>(entry, ['address', 'incarnation', 'place', 'grantLease']);
}
