import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fail } from '@lambent/core';

/** The certificates of a file, one PEM after the other. Rejects with `certificate-invalid`. */
export async function readSigningRoots(file: string | undefined): Promise<readonly X509Certificate[]> {
  if (file === undefined) return [];
  try {
    const found = (await readFile(file, 'utf8')).match(CERTIFICATE) ?? [];
    if (found.length === 0) throw new Error('it holds no certificate');
    return found.map(pem => new X509Certificate(pem));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw fail('certificate-invalid', { file, detail }, { cause });
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
