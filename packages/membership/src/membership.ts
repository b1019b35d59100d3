import { type Clock, fail, type Random, sleep } from '@lambent/core';
import { LeaseSession, type Registry } from '@lambent/registry';
import { memberKey } from './cluster-keys.ts';
import { encodeRecord } from './record-codec.ts';
import type { MemberRecord } from './records.ts';

export interface MembershipOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly record: MemberRecord;
  /** Whether the others can see this member now. */
  readonly changed?: (present: boolean) => void;
}

/**
 * One process's line in `members/`: there while its session is renewed, and written again under a new one when it was
 * lost. Nothing but being seen depends on it.
 */
export class Membership implements AsyncDisposable {
  readonly #options: MembershipOptions;
  readonly #closing = new AbortController();
  #session: LeaseSession | undefined;
  #mending: Promise<void> = Promise.resolve();

  private constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Rejects with `registry-unavailable` when it cannot be written now. */
  static async join(options: MembershipOptions): Promise<Membership> {
    const membership = new Membership(options);
    await membership.#write();
    return membership;
  }

  /** Whether the session is renewed: the others see this member. */
  get present(): boolean {
    return this.#session?.held ?? false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#mending;
    await this.#session?.[Symbol.asyncDispose]();
    this.#session = undefined;
  }

  async #write(): Promise<void> {
    const { registry, clock, record, changed } = this.#options;
    const session = await LeaseSession.open({
      registry,
      clock,
      ttlMs: SESSION_TTL_MS,
      renewEveryMs: SESSION_RENEW_MS,
      renewTimeoutMs: SESSION_RENEW_MS,
      lost: () => {
        // One that is lost before its record is there is noticed below, by whoever writes it.
        if (this.#session !== session) return;
        changed?.(false);
        this.#mending = this.#mend();
      },
    });
    const { lease } = session;
    const write = {
      kind: 'put',
      key: memberKey(record.role, record.id),
      value: encodeRecord(record),
      lease,
    } as const;
    const { kind } = await registry.transact({ compare: [], write: [write] });
    if (kind !== 'committed' || !session.held) {
      await session[Symbol.asyncDispose]();
      const detail = `the member's record is ${kind}, its session ${session.held ? 'held' : 'lost'}`;
      throw fail('registry-unavailable', { detail });
    }
    this.#session = session;
    changed?.(true);
  }

  async #mend(): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await sleep(clock, MEND_MS * (0.5 + random.fraction()), { signal });
        return await this.#write();
      } catch {
        // Leaving, or the registry is still away: the next try finds out.
      }
    }
  }
}

/** How long others see a member that has died. */
export const SESSION_TTL_MS = 5_000;
const SESSION_RENEW_MS = 1_000;
const MEND_MS = 500;
