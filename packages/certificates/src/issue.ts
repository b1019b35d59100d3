import { isIP } from 'node:net';
import { type Clock, fail, type TlsMaterial } from '@lambent/core';
import type { Authority } from './authority.ts';
import { KEY_ALGORITHM, makeKeys, privateKeyText, readPrivateKey } from './private-key.ts';
import { validFor } from './validity.ts';
import { loadX509 } from './x509.ts';

export const ROLES = ['gateway', 'placement', 'worker', 'events', 'nats', 'etcd', 'client'] as const;

export type Role = (typeof ROLES)[number];

export interface IssueOptions {
  readonly role: Role;
  /** Which one of that role. */
  readonly id: string;
  /** Host names and IP addresses under which others reach it. */
  readonly hosts: readonly string[];
  readonly days: number;
  readonly clock: Clock;
}

/** Every member is reached under this name, whatever its address is. */
const MEMBER_NAME = 'lambent';
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
/** What a certificate may be shown for, by RFC 5280's numbers. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** RFC 5280's bound of a common name. */
const COMMON_NAME_LENGTH_MAX = 64;

/**
 * Makes a key and its certificate, `CN=<role>/<id>`. All but clients may be servers: a certificate that was given to
 * somebody outside is of no use for posing as a member.
 */
export async function issue(authority: Authority, options: IssueOptions): Promise<TlsMaterial> {
  const commonName = `${options.role}/${options.id}`;
  if (commonName.length > COMMON_NAME_LENGTH_MAX)
    throw fail('certificate-invalid', {
      file: commonName,
      detail: `a name of more than ${COMMON_NAME_LENGTH_MAX} characters`,
    });
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.ca);
  const keys = await makeKeys();
  const { notBefore, notAfter } = validFor(options.clock, options.days);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [commonName] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await readPrivateKey(authority.privateKey),
    signingAlgorithm: KEY_ALGORITHM,
    notBefore,
    // Past the authority's own end nobody would believe it.
    notAfter: new Date(Math.min(notAfter.getTime(), issuer.notAfter.getTime())),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usagesOf(options.role)),
      new x509.SubjectAlternativeNameExtension(namesOf(options.hosts)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return {
    ca: authority.ca,
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: await privateKeyText(keys.privateKey),
  };
}

function usagesOf(role: Role): string[] {
  return role === 'client' ? [CLIENT_AUTH] : [SERVER_AUTH, CLIENT_AUTH];
}

function namesOf(hosts: readonly string[]): { type: 'dns' | 'ip'; value: string }[] {
  const names = new Set([MEMBER_NAME, ...LOOPBACK, ...hosts]);
  return [...names].map(value => ({ type: isIP(value) ? 'ip' : 'dns', value }));
}
