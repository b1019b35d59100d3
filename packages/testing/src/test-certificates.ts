import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Authority, createAuthority, issue, type Role, writeMaterial } from '@lambent/certificates';
import { SystemClock, type TlsMaterial } from '@lambent/core';
import type { TlsFiles } from '@lambent/engines';

export interface TestCertificate {
  /** For an adapter. */
  readonly material: TlsMaterial;
  /** The same, for an engine. */
  readonly files: TlsFiles;
}

/** Longer than any test runs. */
const DAYS = 1;

/** The certificates of a cluster that exists for one test. */
export class TestCertificates implements AsyncDisposable {
  readonly #directory: string;
  readonly #authority: Authority;
  #issued = 0;

  private constructor(directory: string, authority: Authority) {
    this.#directory = directory;
    this.#authority = authority;
  }

  static async open(): Promise<TestCertificates> {
    const authority = await createAuthority({ clock: new SystemClock(), name: 'test' });
    return new TestCertificates(await mkdtemp(path.join(tmpdir(), 'lambent-certificates-')), authority);
  }

  /** One that loopback is reached under. */
  async issue(role: Role): Promise<TestCertificate> {
    this.#issued += 1;
    const id = `${role}-${this.#issued}`;
    const directory = path.join(this.#directory, id);
    const options = { role, id, hosts: [], days: DAYS, clock: new SystemClock() };
    const material = await issue(this.#authority, options);
    await writeMaterial(directory, material);
    const at = (name: string) => path.join(directory, name);
    return { material, files: { ca: at('ca.pem'), cert: at('cert.pem'), key: at('key.pem') } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
