import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Authority, createAuthority, issue, type Role, writeMaterial } from '@lambent/certificates';
import { SimulatedClock, SystemClock } from '@lambent/core';

/** Longer than any test, and than the time before its end in which a member warns of it. */
const DAYS = 30;
const LIFE_MS = DAYS * 24 * 60 * 60 * 1_000;

export interface CertificateFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Certificates of one authority in a fresh folder, which goes with them. */
export class ClusterCertificates implements AsyncDisposable {
  readonly #directory: string;
  readonly #authority: Authority;

  private constructor(directory: string, authority: Authority) {
    this.#directory = directory;
    this.#authority = authority;
  }

  static async make(): Promise<ClusterCertificates> {
    const authority = await createAuthority({ clock: new SystemClock(), name: 'test' });
    return new ClusterCertificates(await mkdtemp(path.join(tmpdir(), 'lambent-certificates-')), authority);
  }

  /** The folder with ca.pem, cert.pem and key.pem of one of that role, which is reached at `hosts` and on loopback. */
  async directoryOf(
    role: Role,
    hosts: readonly string[] = [],
    { endsInMs = LIFE_MS }: { readonly endsInMs?: number } = {},
  ): Promise<string> {
    const id = hosts[0] ?? '1';
    const directory = path.join(this.#directory, `${role}-${id}`);
    // Made so long ago that so much of its life is left.
    const clock = new SimulatedClock({ startMs: new SystemClock().nowMs() + endsInMs - LIFE_MS });
    await writeMaterial(directory, await issue(this.#authority, { role, id, hosts, days: DAYS, clock }));
    return directory;
  }

  /** The same, as engines want them. */
  async filesOf(role: Role, hosts: readonly string[] = []): Promise<CertificateFiles> {
    const directory = await this.directoryOf(role, hosts);
    const file = (name: string) => path.join(directory, name);
    return { ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.#directory, { recursive: true, force: true });
  }
}
