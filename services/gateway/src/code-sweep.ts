import type { Blobs } from '@lambent/blobs';
import { type Clock, isFailure, type LambentError, sleep } from '@lambent/core';
import type { Counter, Logger, Telemetry } from '@lambent/daemon';
import { namedCode, sweepDeletions } from '@lambent/functions';
import type { Registry } from '@lambent/registry';

/**
 * An upload under way has put its package and not yet its record: a few transactions, each tried a few times.
 * Generous beside that, and beside how far the store's own clock may be set forward meanwhile; what it costs is disk for
 * ten minutes more.
 */
const CODE_GRACE_MS = 600_000;

/**
 * Deletes the packages that no function and no published version names any more, at the start and then again and
 * again: so Blobs holds what is named, and what an interval and the grace leave.
 *
 * No package is deleted that a record names. The time of the cut is taken before the records are read, so
 * - a record committed before the reading, and still there, is seen (named-code.ts);
 * - one committed later was preceded by the `put` of its package, by less than the grace: that was after the cut, and
 *   Blobs compares again when it deletes. Nobody names a package anew without putting it; publishing copies a name
 *   that has been seen.
 * Packages may then be listed one by one, in any order, and several gateways may sweep at once.
 */
export class CodeSweep implements AsyncDisposable {
  readonly #options: CodeSweepOptions;
  readonly #deleted: Counter;
  readonly #failed: Counter;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  private constructor(options: CodeSweepOptions) {
    this.#options = options;
    const { telemetry } = options;
    this.#deleted = telemetry.counter(
      'lambent_gateway_code_packages_deleted',
      'Packages deleted because no function named them any more.',
    );
    this.#failed = telemetry.counter(
      'lambent_gateway_code_deletions_failed',
      'Packages that nobody names and that could not be deleted; tried again with the next sweep.',
    );
    this.#ended = this.#run();
  }

  static start(options: CodeSweepOptions): CodeSweep {
    return new CodeSweep(options);
  }

  /** Ends what is under way between two packages, and waits for that. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      for (;;) {
        await this.#attempt(signal);
        await sleep(this.#options.clock, this.#options.everyMs, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** What a sweep could not do, the next one does. */
  async #attempt(signal: AbortSignal): Promise<void> {
    const { logger } = this.#options;
    try {
      const { failure, ...counts } = await sweepCode(this.#options, { signal });
      this.#deleted.add(counts.deleted);
      this.#failed.add(counts.failed);
      if (failure) logger.warn({ ...counts, err: failure }, 'some code packages could not be deleted');
      else logger.info(counts, 'code packages swept');
    } catch (error) {
      if (!isFailure(error)) throw error;
      logger.warn({ err: error }, 'code packages not swept');
    }
  }
}

export interface CodeSweepOptions extends SweptStores {
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly everyMs: number;
  readonly clock: Clock;
}

export interface SweptStores {
  readonly registry: Registry;
  readonly blobs: Pick<Blobs, 'list' | 'delete' | 'nowMs'>;
}

export interface Swept {
  readonly deleted: number;
  readonly deletedBytes: number;
  readonly kept: number;
  readonly failed: number;
  /** The first of them. */
  readonly failure?: LambentError;
}

/** One sweep. A package that cannot be deleted does not keep the others. */
export async function sweepCode(
  { registry, blobs }: SweptStores,
  { signal }: { readonly signal: AbortSignal },
): Promise<Swept> {
  const storedBeforeMs = (await blobs.nowMs()) - CODE_GRACE_MS;
  // The versions that a deletion left behind would keep their packages.
  await sweepDeletions(registry);
  const named = await namedCode(registry, { signal });
  const counts = { deleted: 0, deletedBytes: 0, kept: 0, failed: 0 };
  let failure: LambentError | undefined;
  for await (const { digest, bytes } of blobs.list()) {
    signal.throwIfAborted();
    try {
      if (named.has(digest) || !(await blobs.delete(digest, { storedBeforeMs }))) {
        counts.kept += 1;
        continue;
      }
      counts.deleted += 1;
      counts.deletedBytes += bytes;
    } catch (error) {
      if (!isFailure(error)) throw error;
      counts.failed += 1;
      failure ??= error;
    }
  }
  return { ...counts, ...(failure && { failure }) };
}
