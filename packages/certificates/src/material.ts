import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { type Clock, fail, type TlsMaterial } from '@lambent/core';
import { checkKey, checkTime, readCertificateFile, readKeyFile } from './certificate-file.ts';
import { DAY_MS } from './validity.ts';
import { writeWholeDirectory } from './whole-directory.ts';

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

/** Writes what a member shows and trusts: all of it in place of an earlier one, or nothing. */
export async function writeMaterial(directory: string, material: TlsMaterial): Promise<void> {
  await writeWholeDirectory(directory, [
    { name: CA_FILE, text: material.ca, secret: false },
    { name: CERTIFICATE_FILE, text: material.certificate, secret: false },
    { name: KEY_FILE, text: material.privateKey, secret: true },
  ]);
}

/** Rejects with `certificate-invalid`, naming the file, when a peer would refuse what is there. */
export async function readMaterial(directory: string, options: { clock: Clock }): Promise<TlsMaterial> {
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
  checkTime(certificateFile, certificate.value, options.clock);
  checkTime(caFile, ca.value, options.clock);
  return { ca: ca.text, certificate: certificate.text, privateKey: key.text };
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
