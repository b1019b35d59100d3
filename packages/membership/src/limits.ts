import type { Clock, Random } from '@lambent/core';
import { RecordWatch, type Registry } from '@lambent/registry';
import { LIMITS_PREFIX, limitKey } from './cluster-keys.ts';
import { POOL_LIMIT_ID } from './limit-id.ts';
import { decodeLimit, type LimitRecord } from './limit-record.ts';

/** The limits as they were last heard of. */
export class Limits {
  readonly #byKey: ReadonlyMap<string, LimitRecord>;

  /** None are known when left out: then everything counts against the pool. */
  constructor(byKey: ReadonlyMap<string, LimitRecord> = new Map()) {
    this.#byKey = byKey;
  }

  get(limitId: string): LimitRecord | undefined {
    return this.#byKey.get(limitKey(limitId));
  }

  /** What the function's invocations count against where no provisioned environment takes them. */
  limitOf(functionId: string): string {
    return this.get(functionId)?.reserved === undefined ? POOL_LIMIT_ID : functionId;
  }

  /** Nothing is reserved for it: it is not to be invoked. */
  isClosed(functionId: string): boolean {
    return this.get(functionId)?.reserved === 0;
  }
}

export interface LimitsWatchOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly changed: (limits: Limits) => void;
}

/**
 * Tells the limits, now and after every change; while the registry is silent the last known stay. Rejects with
 * `registry-unavailable` when they cannot be read at all.
 */
export function watchLimits({ changed, ...options }: LimitsWatchOptions): Promise<AsyncDisposable> {
  return RecordWatch.open<LimitRecord>({
    ...options,
    prefix: LIMITS_PREFIX,
    decode: decodeLimit,
    changed: records => changed(new Limits(records)),
  });
}
