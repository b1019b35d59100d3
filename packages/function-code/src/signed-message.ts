import { X509Certificate } from 'node:crypto';
import type { BaseBlock, Constructed } from 'asn1js';

/** A detached signature as the Cryptographic Message Syntax (RFC 5652) writes it down, read and not yet believed. */
export interface SignedMessage {
  /** Of the message; what is signed, beside what it says of itself. */
  readonly digest: Uint8Array;
  readonly signingTimeMs: number;
  readonly expiresMs: number;
  readonly jobArn: string;
  readonly profileVersionArn: string;
  /** The very bytes that the signature is of. */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
  /** Of whoever signed. */
  readonly signer: X509Certificate;
  /** All that came with it, the signer's too, in no order. */
  readonly certificates: readonly X509Certificate[];
}

/** Throws where it is anything else than one signature of the one kind that AWS Signer makes for Lambda. */
export async function readSignedMessage(pem: string): Promise<SignedMessage> {
  const { fromBER, GeneralizedTime, ObjectIdentifier, OctetString, Utf8String } = await import('asn1js');
  const bytes = Buffer.from(pem.replaceAll(/-----[A-Z0-9 ]+-----|\s/g, ''), 'base64');
  const { offset, result } = fromBER(new Uint8Array(bytes));
  if (offset === -1) throw new Error(result.error);

  const idOf = (block: BaseBlock | undefined) => as(block, ObjectIdentifier).getValue();
  const [contentType, content] = partsOf(result);
  expect(idOf(contentType), ID.signedData);
  const [, , encapsulated, ...rest] = partsOf(partsOf(content)[0]);
  expect(idOf(partsOf(encapsulated)[0]), ID.data);
  const tagged = rest.find(isFirstTag);
  const certificates = partsOf(tagged).map(
    ({ valueBeforeDecodeView }) => new X509Certificate(valueBeforeDecodeView),
  );
  const [info, ...others] = partsOf(rest.at(-1));
  if (others.length > 0) throw new Error('more than one signature');

  const [, signerId, digestAlgorithm, attributes, signatureAlgorithm, signature] = partsOf(info);
  expect(idOf(partsOf(digestAlgorithm)[0]), ID.sha384);
  expect(idOf(partsOf(signatureAlgorithm)[0]), ID.ecdsaWithSha384);
  const serial = Buffer.from(partsOf(signerId)[1]?.valueBlock.valueHexView ?? []).toString('hex');
  const signer = certificates.find(one => sameSerial(one.serialNumber, serial));
  if (!signer) throw new Error('the certificate of the signature is not there');

  const values = new Map(
    partsOf(attributes).map(one => [idOf(partsOf(one)[0]), partsOf(partsOf(one)[1])[0]]),
  );
  expect(idOf(values.get(ID.contentType)), ID.data);
  const timeOf = (id: string) => as(values.get(id), GeneralizedTime).toDate().getTime();
  const textOf = (id: string) => as(values.get(id), Utf8String).getValue();
  return {
    digest: new Uint8Array(as(values.get(ID.messageDigest), OctetString).getValue()),
    signingTimeMs: timeOf(ID.signingTime),
    expiresMs: timeOf(ID.expires),
    jobArn: textOf(ID.job),
    profileVersionArn: textOf(ID.profileVersion),
    signedBytes: asSet(attributes),
    signature: new Uint8Array(as(signature, OctetString).getValue()),
    signer,
    certificates,
  };
}

type Block = BaseBlock & { readonly valueBlock: { readonly valueHexView?: Uint8Array } };

function partsOf(block: BaseBlock | undefined): readonly Block[] {
  const value: unknown = (block as Constructed | undefined)?.valueBlock.value;
  if (!Array.isArray(value)) throw new Error('a part is missing');
  return value as readonly Block[];
}

function as<T>(block: BaseBlock | undefined, kind: new (...args: never[]) => T): T {
  if (block instanceof kind) return block;
  throw new Error(`${kind.name} expected`);
}

function expect(found: string, wanted: string): void {
  if (found !== wanted) throw new Error(`${wanted} expected, not ${found}`);
}

/** Certificates: the only thing at its place that has a tag of its own. */
function isFirstTag({ idBlock }: BaseBlock): boolean {
  return idBlock.tagClass === CONTEXT_TAG && idBlock.tagNumber === 0;
}

/** Signed as the set that they are, though they are sent under a tag of their own. */
function asSet(attributes: BaseBlock | undefined): Uint8Array {
  const bytes = Uint8Array.from(attributes?.valueBeforeDecodeView ?? []);
  bytes[0] = SET;
  return bytes;
}

/** Both as hexadecimal, with or without leading zeros. */
function sameSerial(one: string, other: string): boolean {
  const [plainOne, plainOther] = [one, other].map(text => text.toLowerCase().replace(/^0+/, ''));
  return plainOne === plainOther;
}

const CONTEXT_TAG = 3;
const SET = 0x31;
const ID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  sha384: '2.16.840.1.101.3.4.2.2',
  ecdsaWithSha384: '1.2.840.10045.4.3.3',
  job: '1.3.187.137.1.2',
  expires: '1.3.187.137.1.3',
  profileVersion: '1.3.187.137.1.4',
} as const;
