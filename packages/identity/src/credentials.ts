import type { Clock, Random } from '@lambent/core';
import type { Registry } from '@lambent/registry';
import type { AccessKey } from './access-key.ts';
import type { Identity } from './identity.ts';
import type { IdentityStore } from './identity-store.ts';
import { readSealingKey } from './sealing-key.ts';
import { openSession, type Session, sealSession } from './session-token.ts';
import { createUniqueId } from './unique-id.ts';

export interface CredentialsOptions {
  readonly registry: Registry;
  readonly store: Pick<IdentityStore, 'accessKeys'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** What a client signs with. */
export interface SessionCredentials extends Session {
  readonly sessionToken: string;
}

export type FoundKey =
  | { readonly kind: 'known'; readonly secretAccessKey: string; readonly identity: Identity }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired' };

/**
 * The keys that Lambent gave out. Those that last are records; those of sessions are nowhere: their token holds them,
 * sealed, so that any gateway can verify any number of them. What is said of a key that lasts may be a second old.
 */
export class Credentials {
  readonly #options: CredentialsOptions;
  /** In the order in which they were read. */
  readonly #read = new Map<
    string,
    { readonly key: Promise<AccessKey | undefined>; readonly untilMs: number }
  >();
  #sealingKey: Promise<Uint8Array> | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /** Credentials of this identity for so long. */
  async openSession(identity: Identity, durationMs: number): Promise<SessionCredentials> {
    const { clock, random } = this.#options;
    const session = {
      accessKeyId: createUniqueId('ASIA', random),
      secretAccessKey: createSecret(random),
      identity,
      expiresMs: clock.nowMs() + durationMs,
    };
    return { ...session, sessionToken: sealSession(session, await this.#sealing(), random) };
  }

  async find(accessKeyId: string, sessionToken: string | undefined): Promise<FoundKey> {
    if (sessionToken !== undefined) return this.#findSession(accessKeyId, sessionToken);
    const key = KEY_ID.test(accessKeyId) ? await this.#recent(accessKeyId) : undefined;
    return key ? { kind: 'known', ...key } : { kind: 'unknown' };
  }

  async #findSession(accessKeyId: string, sessionToken: string): Promise<FoundKey> {
    const session = openSession(sessionToken, await this.#sealing());
    if (session?.accessKeyId !== accessKeyId) return { kind: 'unknown' };
    if (session.expiresMs <= this.#options.clock.nowMs()) return { kind: 'expired' };
    return { kind: 'known', ...session };
  }

  #recent(accessKeyId: string): Promise<AccessKey | undefined> {
    const nowMs = this.#options.clock.monotonicMs();
    const known = this.#read.get(accessKeyId);
    if (known && known.untilMs > nowMs) return known.key;
    this.#read.delete(accessKeyId);
    const [oldest] = this.#read.keys();
    if (this.#read.size >= KEYS_MAX && oldest !== undefined) this.#read.delete(oldest);
    const key = this.#options.store.accessKeys.read(accessKeyId);
    key.catch(() => this.#read.delete(accessKeyId));
    this.#read.set(accessKeyId, { key, untilMs: nowMs + RECENT_MS });
    return key;
  }

  #sealing(): Promise<Uint8Array> {
    this.#sealingKey ??= readSealingKey(this.#options).catch(error => {
      this.#sealingKey = undefined;
      throw error;
    });
    return this.#sealingKey;
  }
}

/** Forty characters, as AWS's are. */
export function createSecret(random: Random): string {
  return Buffer.from(random.bytes(SECRET_BYTES)).toString('base64');
}

const SECRET_BYTES = 30;
const KEY_ID = /^[A-Z0-9]{16,128}$/;
const RECENT_MS = 1_000;
/** Far more than one account's users have; a flood of made-up ids turns out only itself. */
const KEYS_MAX = 10_000;
