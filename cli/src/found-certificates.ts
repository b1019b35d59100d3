import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type CertificateStanding, certificateStanding } from '@lambent/certificates';
import type { Clock } from '@lambent/core';

/** One certificate as it lies in a directory. */
export interface FoundCertificate extends CertificateStanding {
  /** Below the directory that was looked through. */
  readonly file: string;
  /** Whose it is: `gateway/gateway-1`. */
  readonly subject: string;
  /** Names and addresses it is good for; none of an authority. */
  readonly hosts: readonly string[];
}

/** An authority's own, and a member's. A member's copy of the authority's is left out. */
const FILES = ['cert.pem', 'ca.pem'] as const;

/** The certificates in a directory and in those directly below it, in the order in which they expire. */
export async function findCertificates(
  directory: string,
  clock: Clock,
): Promise<readonly FoundCertificate[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const below = entries.filter(entry => entry.isDirectory()).map(entry => join(directory, entry.name));
  const found = await Promise.all([directory, ...below].map(each => readOne(each, directory, clock)));
  return found.flatMap(each => each ?? []).sort((one, other) => one.notAfterMs - other.notAfterMs);
}

async function readOne(directory: string, root: string, clock: Clock): Promise<FoundCertificate | undefined> {
  for (const name of FILES) {
    const path = join(directory, name);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const file = relative(root, path);
    const material = { ca: '', certificate: text, privateKey: '' };
    return { file, ...namesIn(text), ...certificateStanding(material, clock) };
  }
  return undefined;
}

function namesIn(text: string): Pick<FoundCertificate, 'subject' | 'hosts'> {
  const { subject, subjectAltName } = new X509Certificate(text);
  return {
    subject: subject.replace(/^CN=/, ''),
    hosts: (subjectAltName ?? '').split(', ').flatMap(name => name.split(/:(.*)/s)[1] ?? []),
  };
}
