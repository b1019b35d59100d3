import { join } from 'node:path';
import { type Clock, sleep, type TlsMaterial } from '@lambent/core';
import { type CertificateStanding, certificateStanding, readMaterial } from './material.ts';
import { DAY_MS } from './validity.ts';

export interface CurrentMaterialOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;
}

/** Seconds after somebody renewed it, and three small files each time. */
const LOOK_EVERY_MS = 10_000;

/**
 * What lies in a member's directory now. Whoever makes connections reads it for each of them, so that a renewed
 * certificate is shown without a restart; connections that stand go on with what they began with. What cannot be used
 * is told once and not taken; a certificate in its last week, or past its end, is told each day.
 */
export class CurrentMaterial implements TlsMaterial, AsyncDisposable {
  readonly #options: CurrentMaterialOptions;
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;
  #material: TlsMaterial;
  /** Why the files cannot be used, as it was told. */
  #problem = '';
  #warnAtMs = 0;

  private constructor(options: CurrentMaterialOptions, material: TlsMaterial) {
    this.#options = options;
    this.#material = material;
    this.#warnOfEnd();
    this.#watching = this.#watch();
  }

  /** Rejects with `certificate-invalid`. */
  static async open(options: CurrentMaterialOptions): Promise<CurrentMaterial> {
    return new CurrentMaterial(options, await readMaterial(options.directory, options));
  }

  get ca(): string {
    return this.#material.ca;
  }

  get certificate(): string {
    return this.#material.certificate;
  }

  get privateKey(): string {
    return this.#material.privateKey;
  }

  get standing(): CertificateStanding {
    return certificateStanding(this.#material, this.#options.clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    for (;;) {
      await sleep(clock, LOOK_EVERY_MS, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#look();
      this.#warnOfEnd();
    }
  }

  async #look(): Promise<void> {
    const { directory, clock, logger } = this.#options;
    try {
      const found = await readMaterial(directory, { clock, signal: this.#closing.signal });
      this.#problem = '';
      if (found.certificate === this.#material.certificate && found.ca === this.#material.ca) return;
      this.#material = found;
      this.#warnAtMs = 0;
      logger.info({ directory, expiresInMs: this.standing.expiresInMs }, 'certificate renewed');
    } catch (err) {
      if (this.#closing.signal.aborted) return;
      const { message } = err as Error;
      if (message !== this.#problem) logger.error({ err }, 'certificate not taken');
      this.#problem = message;
    }
  }

  #warnOfEnd(): void {
    const { directory, clock, logger } = this.#options;
    const { state, expiresInMs } = this.standing;
    if (state === 'valid' || clock.monotonicMs() < this.#warnAtMs) return;
    this.#warnAtMs = clock.monotonicMs() + DAY_MS;
    const fields = { file: join(directory, 'cert.pem'), expiresInMs };
    if (state === 'expiring') logger.warn(fields, 'certificate expires soon');
    else logger.error(fields, 'certificate has expired');
  }
}
