import type { Clock, Random } from '@lambent/core';
import { decodeRecord, FLEET_PREFIX, type FleetRecord } from '@lambent/membership';
import { RecordWatch, type Registry } from '@lambent/registry';

/** What the workers of a cluster can run, as each says when it joins. */
export class FleetRuntimes implements AsyncDisposable {
  readonly #fleet: RecordWatch<FleetRecord>;

  private constructor(fleet: RecordWatch<FleetRecord>) {
    this.#fleet = fleet;
  }

  /** Rejects with `registry-unavailable`. */
  static async open(options: {
    readonly registry: Registry;
    readonly clock: Clock;
    readonly random: Random;
  }): Promise<FleetRuntimes> {
    const decode = decodeFleetRecord;
    return new FleetRuntimes(await RecordWatch.open({ ...options, prefix: FLEET_PREFIX, decode }));
  }

  /** Whether some worker has that one. As long as there is no worker nobody can say, and a function may be made. */
  have(runtime: string): boolean {
    const { records } = this.#fleet;
    if (records.size === 0) return true;
    return [...records.values()].some(({ runtimes }) => runtimes.includes(runtime));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#fleet[Symbol.asyncDispose]();
  }
}

function decodeFleetRecord(entry: { readonly value: Uint8Array }): FleetRecord | undefined {
  const record = decodeRecord<FleetRecord>(entry, ['address', 'incarnation']);
  return record && { ...record, runtimes: record.runtimes ?? [] };
}
