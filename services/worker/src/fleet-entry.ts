import { fail } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { encodeKeyPart, type Registry } from '@lambent/registry';

export interface FleetEntryOptions {
  readonly registry: Registry;
  readonly workerId: string;
  readonly address: string;
  readonly incarnation: string;
  readonly logger: Logger;
}

/** This worker's line in the registry, `fleet/<id>`: there from joining until leaving, read by every router. */
export class FleetEntry implements AsyncDisposable {
  readonly #options: FleetEntryOptions;

  private constructor(options: FleetEntryOptions) {
    this.#options = options;
  }

  /** Rejects with `registry-unavailable` when it cannot be written. */
  static async write(options: FleetEntryOptions): Promise<FleetEntry> {
    const { registry, address, incarnation } = options;
    const value = Buffer.from(JSON.stringify({ address, incarnation }));
    const write = { kind: 'put', key: keyOf(options), value } as const;
    const { kind } = await registry.transact({ compare: [], write: [write] });
    if (kind !== 'committed') throw fail('registry-unavailable', { detail: `the fleet entry is ${kind}` });
    return new FleetEntry(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { registry, logger } = this.#options;
    const write = { kind: 'delete', key: keyOf(this.#options) } as const;
    const { kind } = await registry.transact({ compare: [], write: [write] });
    // A line left behind names a worker that does not answer; the next life of this worker writes it anew.
    if (kind !== 'committed') logger.warn({ kind }, 'fleet entry not deleted');
  }
}

function keyOf({ workerId }: FleetEntryOptions): string {
  return `fleet/${encodeKeyPart(workerId)}`;
}
