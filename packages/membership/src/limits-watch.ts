import type { Clock, Random } from '@lambent/core';
import { RecordWatch, type Registry } from '@lambent/registry';
import { LIMITS_PREFIX, limitKey } from './cluster-keys.ts';
import { POOL_LIMIT_ID } from './limit-id.ts';
import { decodeLimit, type LimitRecord } from './limit-record.ts';

export interface LimitsWatchOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  /** Called after the first reading, and after every change. */
  readonly changed?: () => void;
}

/** The limits as they were last heard of; while the registry is silent the last known stay. */
export class LimitsWatch implements AsyncDisposable {
  readonly #watch: RecordWatch<LimitRecord>;

  private constructor(watch: RecordWatch<LimitRecord>) {
    this.#watch = watch;
  }

  /** Rejects with `registry-unavailable` when they cannot be read at all. */
  static async open({ changed, ...options }: LimitsWatchOptions): Promise<LimitsWatch> {
    const watch = await RecordWatch.open<LimitRecord>({
      ...options,
      prefix: LIMITS_PREFIX,
      decode: decodeLimit,
      ...(changed && { changed: () => changed() }),
    });
    return new LimitsWatch(watch);
  }

  get(limitId: string): LimitRecord | undefined {
    return this.#watch.records.get(limitKey(limitId));
  }

  /** What the function's invocations count against where no provisioned environment takes them. */
  limitOf(functionId: string): string {
    return this.get(functionId)?.reserved === undefined ? POOL_LIMIT_ID : functionId;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}
