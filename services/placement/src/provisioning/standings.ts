import { isDeepStrictEqual } from 'node:util';
import type { Clock, Random } from '@lambent/core';
import {
  decodeProvisionedStanding,
  encodeRecord,
  PROVISIONED_STANDING_PREFIX,
  type ProvisionedRecord,
  type ProvisionedStanding,
  provisionedKey,
  provisionedStandingKey,
} from '@lambent/membership';
import { type Entry, RecordWatch, type Registry } from '@lambent/registry';

export interface StandingsOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
}

/** What is written of what became of each request. */
export class Standings implements AsyncDisposable {
  readonly #options: StandingsOptions;
  readonly #watch: RecordWatch<Written>;
  readonly #writing = new Set<string>();

  private constructor(options: StandingsOptions, watch: RecordWatch<Written>) {
    this.#options = options;
    this.#watch = watch;
  }

  /** Rejects with `registry-unavailable`. */
  static async open(options: StandingsOptions): Promise<Standings> {
    const prefix = PROVISIONED_STANDING_PREFIX;
    return new Standings(options, await RecordWatch.open<Written>({ ...options, prefix, decode }));
  }

  /**
   * Writes it where it is news; whoever says it again finds out whether it came through. Refused where the request it is
   * about is not the one that stands, so that no standing outlives its request.
   */
  async say(
    { functionId, qualifier }: ProvisionedRecord,
    requestRevision: number,
    standing: ProvisionedStanding,
  ): Promise<void> {
    const key = provisionedStandingKey(functionId, qualifier);
    const written = this.#watch.records.get(key);
    if (isDeepStrictEqual(written?.standing, standing)) return;
    if (this.#writing.has(key) || this.#writing.size >= WRITES_MAX) return;
    this.#writing.add(key);
    await this.#options.registry.transact({
      compare: [
        { kind: 'key', key: provisionedKey(functionId, qualifier), modRevision: requestRevision },
        { kind: 'key', key, modRevision: written?.revision ?? 0 },
      ],
      write: [{ kind: 'put', key, value: encodeRecord(standing) }],
    });
    this.#writing.delete(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}

interface Written {
  readonly standing: ProvisionedStanding;
  readonly revision: number;
}

function decode(entry: Entry): Written | undefined {
  const standing = decodeProvisionedStanding(entry);
  return standing && { standing, revision: entry.modRevision };
}

/** Others are written a second later. */
const WRITES_MAX = 32;
