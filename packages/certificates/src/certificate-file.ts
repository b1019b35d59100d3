import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Clock, fail } from '@lambent/core';

/** A file as it stands, and what it holds. */
export interface Held<T> {
  readonly text: string;
  readonly value: T;
}

/** Rejects with `certificate-invalid`, as all here. */
export function readCertificateFile(file: string): Promise<Held<X509Certificate>> {
  return read(file, 'a certificate', text => new X509Certificate(text));
}

export function readKeyFile(file: string): Promise<Held<KeyObject>> {
  return read(file, 'a private key', createPrivateKey);
}

/** Whether `clock` is within the certificate's time. */
export function checkTime(file: string, certificate: X509Certificate, clock: Clock): void {
  const nowMs = clock.nowMs();
  if (nowMs < certificate.validFromDate.getTime())
    throw fail('certificate-invalid', {
      file,
      detail: `it is valid only from ${certificate.validFromDate.toISOString()}`,
    });
  if (nowMs >= certificate.validToDate.getTime())
    throw fail('certificate-invalid', {
      file,
      detail: `it expired on ${certificate.validToDate.toISOString()}`,
    });
}

/** Whether `key` is the certificate's own. */
export function checkKey(file: string, key: KeyObject, certificate: X509Certificate): void {
  if (!certificate.checkPrivateKey(key))
    throw fail('certificate-invalid', { file, detail: 'it belongs to another certificate' });
}

async function read<T>(file: string, what: string, parse: (text: string) => T): Promise<Held<T>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const detail = missing ? 'there is no such file' : `it cannot be read: ${String(cause)}`;
    throw fail('certificate-invalid', { file, detail }, { cause });
  }
  try {
    return { text, value: parse(text) };
  } catch (cause) {
    throw fail('certificate-invalid', { file, detail: `it does not hold ${what} as PEM` }, { cause });
  }
}
