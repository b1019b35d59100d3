import type { Clock } from '@lambent/core';
import { KEY_ALGORITHM, makeKeys, privateKeyText } from './private-key.ts';
import { validFor } from './validity.ts';
import { loadX509 } from './x509.ts';

/** Who signs the certificates of one cluster. Whoever has its key can be any member. */
export interface Authority {
  /** Its certificate, as PEM: what members trust. */
  readonly ca: string;
  /** As PEM. It is needed only to issue, and never by a member that runs. */
  readonly privateKey: string;
}

/** Replacing an authority means touching every member: it lasts longer than most clusters. */
const AUTHORITY_DAYS = 3_650;

/** Makes a new authority; `name` is for people, usually the cluster's. */
export async function createAuthority(options: { clock: Clock; name: string }): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`${options.name} authority`] }],
    keys,
    signingAlgorithm: KEY_ALGORITHM,
    ...validFor(options.clock, AUTHORITY_DAYS),
    extensions: [
      // It signs members' certificates, and no further authorities.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { ca: `${certificate.toString('pem')}\n`, privateKey: await privateKeyText(keys.privateKey) };
}
