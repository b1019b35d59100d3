import { createHash, KeyObject as Key, type KeyObject, sign, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import * as asn1 from 'asn1js';
import { type ForgedEntry, forgeZip } from './forged-zip.ts';

export interface SignatureClaims {
  readonly profileVersionArn: string;
  readonly expiresMs?: number;
}

/** Signs ZIPs as AWS Signer does, by an authority of its own. */
export class TestSigner {
  /** What vouches for it, as PEM. */
  readonly root: string;
  readonly #key: KeyObject;
  readonly #certificates: readonly x509.X509Certificate[];

  private constructor(key: KeyObject, certificates: readonly x509.X509Certificate[]) {
    this.#key = key;
    this.#certificates = certificates;
    this.root = certificates.at(-1)?.toString('pem') ?? '';
  }

  /** `usage` is what its certificate may be used for. */
  static async create({ usage = CODE_SIGNING }: { readonly usage?: string } = {}): Promise<TestSigner> {
    const [rootKeys, keys] = [await makeKeys(), await makeKeys()];
    const signedBy = { signingAlgorithm: ALGORITHM, notBefore: new Date(0), notAfter: new Date(FAR_MS) };
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      ...signedBy,
      name: 'CN=Test root',
      keys: rootKeys,
      extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
    });
    const leaf = await x509.X509CertificateGenerator.create({
      ...signedBy,
      subject: 'CN=Test signer',
      issuer: root.subject,
      publicKey: keys.publicKey,
      signingKey: rootKeys.privateKey,
      serialNumber: '00a1',
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension([usage]),
      ],
    });
    return new TestSigner(Key.from(keys.privateKey), [leaf, root]);
  }

  /** The signed ZIP; `changed` is what is put into it in place of what was signed. */
  sign(
    entries: readonly ForgedEntry[],
    claims: SignatureClaims,
    changed: readonly ForgedEntry[] = entries,
  ): Buffer {
    const folder: ForgedEntry = { name: 'META_INF/' };
    const hash = createHash('sha384');
    for (const { name, content = '' } of [...entries, folder]) hash.update(name).update(content);
    const signature = this.#message(createHash('sha384').update(hash.digest()).digest(), claims);
    return forgeZip([
      ...changed,
      folder,
      { name: 'META_INF/aws_signer_signature_v1.0.SF', content: signature },
    ]);
  }

  #message(digest: Buffer, { profileVersionArn, expiresMs = FAR_MS }: SignatureClaims): string {
    const time = (ms: number) => new asn1.GeneralizedTime({ valueDate: new Date(ms) });
    const attributes = [
      attribute('1.2.840.113549.1.9.3', oid(DATA)),
      attribute('1.2.840.113549.1.9.4', octets(digest)),
      attribute('1.2.840.113549.1.9.5', time(SIGNED_MS)),
      attribute('1.3.187.137.1.2', new asn1.Utf8String({ value: JOB })),
      attribute('1.3.187.137.1.3', time(expiresMs)),
      attribute('1.3.187.137.1.4', new asn1.Utf8String({ value: profileVersionArn })),
    ];
    const signed = Buffer.from(new asn1.Set({ value: attributes }).toBER());
    const [leaf] = this.#certificates;
    const signer = sequence(
      new asn1.Integer({ value: 1 }),
      sequence(parsed(leaf?.issuerName.toArrayBuffer()), new asn1.Integer({ value: 0xa1 })),
      sequence(oid(SHA384)),
      tagged(...attributes),
      sequence(oid(ECDSA_WITH_SHA384)),
      octets(sign('sha384', signed, this.#key)),
    );
    const content = sequence(
      new asn1.Integer({ value: 1 }),
      new asn1.Set({ value: [sequence(oid(SHA384))] }),
      sequence(oid(DATA)),
      tagged(...this.#certificates.map(({ rawData }) => parsed(rawData))),
      new asn1.Set({ value: [signer] }),
    );
    const message = Buffer.concat([
      SEQUENCE_BEGINS,
      Buffer.from(oid(SIGNED_DATA).toBER()),
      CONTENT_BEGINS,
      Buffer.from(content.toBER()),
      BOTH_END,
    ]);
    return `-----BEGIN PKCS7-----\n${message.toString('base64')}\n-----END PKCS7-----\n`;
  }
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function sequence(...value: asn1.BaseBlock[]) {
  return new asn1.Sequence({ value });
}

function tagged(...value: asn1.BaseBlock[]) {
  return new asn1.Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value });
}

function attribute(id: string, value: asn1.BaseBlock) {
  return sequence(oid(id), new asn1.Set({ value: [value] }));
}

function oid(value: string) {
  return new asn1.ObjectIdentifier({ value });
}

function octets(valueHex: Uint8Array) {
  return new asn1.OctetString({ valueHex });
}

function parsed(bytes: ArrayBuffer = new ArrayBuffer()) {
  return asn1.fromBER(bytes).result;
}

/** AWS's signatures do not say how long these two are: they end where two zeros stand. */
const SEQUENCE_BEGINS = Buffer.from([0x30, 0x80]);
const CONTENT_BEGINS = Buffer.from([0xa0, 0x80]);
const BOTH_END = Buffer.alloc(4);
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const SHA384 = '2.16.840.1.101.3.4.2.2';
const ECDSA_WITH_SHA384 = '1.2.840.10045.4.3.3';
const JOB = 'arn:aws:signer:us-east-1:000000000000:/signing-jobs/test';
const SIGNED_MS = Date.UTC(2026, 0, 1);
const FAR_MS = Date.UTC(2040, 0, 1);
