import 'reflect-metadata';
import { isIP } from 'node:net';
import { type Clock, fail, type TlsMaterial } from '@lambent/core';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Authority } from './authority.ts';
import { KEY_ALGORITHM, makeKeys, privateKeyText, readPrivateKey } from './private-key.ts';
import { validFor } from './validity.ts';

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
  const issuer = new X509Certificate(authority.ca);
  const keys = await makeKeys();
  const { notBefore, notAfter } = validFor(options.clock, options.days);
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [commonName] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await readPrivateKey(authority.privateKey),
    signingAlgorithm: KEY_ALGORITHM,
    notBefore,
    // Past the authority's own end nobody would believe it.
    notAfter: new Date(Math.min(notAfter.getTime(), issuer.notAfter.getTime())),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(usagesOf(options.role)),
      new SubjectAlternativeNameExtension(namesOf(options.hosts)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return {
    ca: authority.ca,
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: await privateKeyText(keys.privateKey),
  };
}

function usagesOf(role: Role): ExtendedKeyUsage[] {
  return role === 'client'
    ? [ExtendedKeyUsage.clientAuth]
    : [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];
}

function namesOf(hosts: readonly string[]): { type: 'dns' | 'ip'; value: string }[] {
  const names = new Set([MEMBER_NAME, ...LOOPBACK, ...hosts]);
  return [...names].map(value => ({ type: isIP(value) ? 'ip' : 'dns', value }));
}
