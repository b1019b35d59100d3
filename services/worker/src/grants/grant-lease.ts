import {
  type Clock,
  fail,
  isFailure,
  type LambentError,
  type Random,
  sleep,
  type Timer,
} from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { SESSION_TTL_MS } from '@lambent/membership';
import { type LeaseId, LeaseSession, type Registry } from '@lambent/registry';

export interface GrantLeaseOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly termMs: number;
  /** Writes down for all to see what this worker's grants live by now. Rejects with `worker-id-taken`. */
  readonly name: (lease: LeaseId) => Promise<void>;
  /** It was renewed, and is held until then. */
  readonly renewed: (heldUntilMs: number) => void;
  /** Its end is near: what runs has to end. Called again when it is lost. */
  readonly fenced: () => void;
  /** Whether anything still runs. */
  readonly inUse: () => boolean;
  /** Another one has taken its place, or none yet: whatever was granted under it is void. */
  readonly changed: () => void;
  /** Somebody else is this worker now. */
  readonly taken: (error: LambentError) => void;
}

/**
 * What all grants of this worker live by.
 *
 * | state  | entered                                  | what happens                             | left                |
 * |--------|------------------------------------------|------------------------------------------|---------------------|
 * | open   | a lease is granted and named             | renewed; slots may be used               | fenced, lost, taken |
 * | fenced | its certain time is nearly over          | nothing is admitted, what runs is killed | open (renewed), lost|
 * | lost   | its certain time is over                 | nothing runs; then it is revoked, and another one is asked for, until there is one | open, taken |
 * | taken  | it was revoked while it was held, or the worker's line names another life | nothing runs; for good | never |
 */
export class GrantLease implements AsyncDisposable {
  readonly #options: GrantLeaseOptions;
  readonly #fenceLeadMs: number;
  readonly #closing = new AbortController();
  #session: LeaseSession | undefined;
  /** The one that was lost, until it is revoked: the registry may keep it long after it ended here. */
  #lost: LeaseId | undefined;
  #fence: Timer | undefined;
  #mending: Promise<void> = Promise.resolve();

  private constructor(options: GrantLeaseOptions) {
    this.#options = options;
    this.#fenceLeadMs = Math.min(FENCE_LEAD_MS_MAX, options.termMs / FENCE_LEAD_PART);
  }

  /** Rejects with `registry-unavailable` or `worker-id-taken`. */
  static async open(options: GrantLeaseOptions): Promise<GrantLease> {
    const lease = new GrantLease(options);
    await lease.#take();
    return lease;
  }

  /** What to write grants under. */
  get id(): LeaseId | undefined {
    return this.#session?.lease;
  }

  /** Whether slots may be taken now. Asked anew each time: a process that was stopped finds out here. */
  get open(): boolean {
    const { clock } = this.#options;
    return (
      this.#session?.held === true && clock.monotonicMs() < this.#session.heldUntilMs - this.#fenceLeadMs
    );
  }

  /** Revokes it: for when nothing runs any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#fence?.cancel();
    await this.#mending;
    await this.#session?.[Symbol.asyncDispose]();
    this.#session = undefined;
    // A registry that is silent ends it in its time.
    await this.#revokeLost().catch(ignoreUnavailable);
  }

  async #take(): Promise<void> {
    const { registry, clock, termMs, name } = this.#options;
    const renewEveryMs = Math.min(termMs / RENEWALS_PER_TERM, RENEW_MS_MAX);
    const session = await LeaseSession.open({
      registry,
      clock,
      ttlMs: termMs,
      renewEveryMs,
      renewTimeoutMs: Math.min(renewEveryMs, SESSION_TTL_MS / 3),
      renewed: heldUntilMs => this.#renewed(heldUntilMs),
      lost: why => this.#lose(why),
    });
    try {
      await name(session.lease);
      if (!session.held) throw fail('registry-unavailable', { detail: 'the grant lease was over at once' });
    } catch (error) {
      this.#fence?.cancel();
      await session[Symbol.asyncDispose]();
      throw error;
    }
    this.#session = session;
    this.#options.changed();
  }

  #renewed(heldUntilMs: number): void {
    const { clock, fenced, renewed } = this.#options;
    this.#fence?.cancel();
    this.#fence = clock.setTimer(heldUntilMs - this.#fenceLeadMs - clock.monotonicMs(), fenced);
    renewed(heldUntilMs);
  }

  #lose(why: 'gone' | 'overdue'): void {
    // Lost before it was named: whoever takes it finds out.
    if (!this.#session) return;
    const { fenced, changed, taken, logger } = this.#options;
    this.#lost = this.#session.lease;
    this.#session = undefined;
    this.#fence?.cancel();
    logger.error({ why }, 'grant lease lost, what runs is ended');
    changed();
    fenced();
    if (why === 'gone') taken(fail('worker-id-taken', { detail: 'its grant lease was revoked' }));
    else this.#mending = this.#mend();
  }

  async #mend(): Promise<void> {
    const { clock, random, inUse, taken, logger } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await sleep(clock, MEND_MS * (0.5 + random.fraction()), { signal });
        // Its slots are others' as soon as it is revoked.
        if (inUse()) continue;
        await this.#revokeLost();
        await this.#take();
        logger.info('grant lease taken anew');
        return;
      } catch (error) {
        if (isFailure(error, 'worker-id-taken')) return taken(error);
        // Closing, or the registry is still away: the next try finds out.
      }
    }
  }

  async #revokeLost(): Promise<void> {
    if (this.#lost === undefined) return;
    await this.#options.registry.revokeLease(this.#lost);
    this.#lost = undefined;
  }
}

function ignoreUnavailable(error: unknown): void {
  if (!isFailure(error, 'registry-unavailable')) throw error;
}

/** Often enough that nearly the whole term is left when the registry falls silent. */
const RENEW_MS_MAX = 5_000;
const RENEWALS_PER_TERM = 5;
/** So long before the end killing begins; the keeper, which would kill this process too, comes only at the end. */
const FENCE_LEAD_MS_MAX = 5_000;
const FENCE_LEAD_PART = 10;
const MEND_MS = 500;
