import { type KeyObject, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { type Clock, fail, sleep, type TlsMaterial } from '@lambent/core';
import { checkKey, checkTime, type Held, readCertificateFile, readKeyFile } from './certificate-file.ts';
import { replaceFiles } from './replace-files.ts';
import { DAY_MS } from './validity.ts';

const CA_FILE = 'ca.pem';
const CERTIFICATE_FILE = 'cert.pem';
const KEY_FILE = 'key.pem';
/** Enough for somebody to see it and issue another, over a holiday too. */
const EXPIRING_MS = 7 * DAY_MS;

export interface CertificateStanding {
  readonly notAfterMs: number;
  /** Negative once it has expired. */
  readonly expiresInMs: number;
  readonly state: 'valid' | 'expiring' | 'expired';
}

/** Writes what a member shows and trusts. Who reads meanwhile has the earlier or the new, never a mixture of both. */
export async function writeMaterial(directory: string, material: TlsMaterial): Promise<void> {
  await replaceFiles(directory, [
    { name: CA_FILE, text: material.ca, secret: false },
    { name: CERTIFICATE_FILE, text: material.certificate, secret: false },
    { name: KEY_FILE, text: material.privateKey, secret: true },
  ]);
}

/** Rejects with `certificate-invalid`, naming the file, when a peer would refuse what is there. */
export async function readMaterial(
  directory: string,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<TlsMaterial> {
  const { ca, certificate, key } = await readMatching(directory, { clock, ...(signal && { signal }) });
  checkTime(path.join(directory, CERTIFICATE_FILE), certificate.value, clock);
  checkTime(path.join(directory, CA_FILE), ca.value, clock);
  return { ca: ca.text, certificate: certificate.text, privateKey: key.text };
}

/** Who replaces the three files needs a moment for it; before and after, those that belong together are there. */
async function readMatching(
  directory: string,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<MaterialFiles> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await readOnce(directory);
    } catch (error) {
      if (tries === TRIES) throw error;
    }
    await sleep(clock, AGAIN_MS, { ...(signal && { signal }) });
  }
}

const AGAIN_MS = 50;
const TRIES = 5;

interface MaterialFiles {
  readonly ca: Held<X509Certificate>;
  readonly certificate: Held<X509Certificate>;
  readonly key: Held<KeyObject>;
}

async function readOnce(directory: string): Promise<MaterialFiles> {
  const caFile = path.join(directory, CA_FILE);
  const certificateFile = path.join(directory, CERTIFICATE_FILE);
  const keyFile = path.join(directory, KEY_FILE);
  const ca = await readCertificateFile(caFile);
  const certificate = await readCertificateFile(certificateFile);
  const key = await readKeyFile(keyFile);
  checkKey(keyFile, key.value, certificate.value);
  if (!certificate.value.verify(ca.value.publicKey))
    throw fail('certificate-invalid', {
      file: certificateFile,
      detail: `the authority in ${caFile} did not sign it`,
    });
  return { ca, certificate, key };
}

/** How long a member can still use its certificate. */
export function certificateStanding(material: TlsMaterial, clock: Clock): CertificateStanding {
  const notAfterMs = new X509Certificate(material.certificate).validToDate.getTime();
  const expiresInMs = notAfterMs - clock.nowMs();
  return { notAfterMs, expiresInMs, state: stateOf(expiresInMs) };
}

function stateOf(expiresInMs: number): CertificateStanding['state'] {
  if (expiresInMs <= 0) return 'expired';
  return expiresInMs < EXPIRING_MS ? 'expiring' : 'valid';
}
