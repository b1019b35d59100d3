import { createHash, verify, type X509Certificate } from 'node:crypto';
import { checkedContent } from './inspect-zip.ts';
import { readSignedMessage, type SignedMessage } from './signed-message.ts';
import { readZipDirectory, type ZipDirectory } from './zip-directory.ts';

/** What a package says of who signed it, and whether that is so. */
export type CodeSignature =
  | { readonly kind: 'none' }
  /** The package is not what was signed, or what should be a signature is none. */
  | { readonly kind: 'broken'; readonly detail: string }
  /** Sound, but none of the roots vouches for whoever signed. */
  | { readonly kind: 'untrusted' }
  | {
      readonly kind: 'signed';
      readonly profileVersionArn: string;
      readonly jobArn: string;
      readonly expiresMs: number;
    };

/**
 * Reads and verifies the signature that AWS Signer puts into a ZIP for Lambda (`AWSLambda-SHA384-ECDSA`): a detached
 * CMS signature, as PEM, in a file of its own. It is of the SHA-384 of the names and contents of all other entries, one
 * after the other in the order of the archive, folders too; times, modes and compression are not signed.
 *
 * `roots` are those whom the installation trusts: AWS's, or its own. Rejects, as inspecting it would, with
 * `code-invalid` or `code-too-large` where the ZIP itself is unsound.
 */
export async function readCodeSignature(
  zip: Uint8Array,
  roots: readonly X509Certificate[],
  unzippedBytesMax?: number,
): Promise<CodeSignature> {
  const directory = await readZipDirectory(zip, unzippedBytesMax);
  const file = directory.entries.find(({ raw }) => raw.fileName === SIGNATURE_FILE);
  if (!file) return { kind: 'none' };
  if (file.entry.bytes > SIGNATURE_BYTES_MAX)
    return { kind: 'broken', detail: `the signature has more than ${SIGNATURE_BYTES_MAX} bytes` };
  const [pem, signed] = [await contentOf(directory, file.raw), await digestOf(directory)];
  let message: SignedMessage;
  try {
    message = await readSignedMessage(pem.toString('latin1'));
  } catch (error) {
    return { kind: 'broken', detail: error instanceof Error ? error.message : String(error) };
  }
  const { digest, signedBytes, signature, signer, profileVersionArn, jobArn, expiresMs } = message;
  if (!signed.equals(digest))
    return { kind: 'broken', detail: 'the package was changed after it was signed' };
  if (
    signer.publicKey.asymmetricKeyType !== 'ec' ||
    !verify('sha384', signedBytes, signer.publicKey, signature)
  )
    return { kind: 'broken', detail: 'the signature is not of the key that it names' };
  if (!isTrusted(message, roots)) return { kind: 'untrusted' };
  return { kind: 'signed', profileVersionArn, jobArn, expiresMs };
}

type RawEntry = ZipDirectory['entries'][number]['raw'];

async function contentOf(directory: ZipDirectory, raw: RawEntry): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(checkedContent(directory, raw)));
}

/** What the signature is of. */
async function digestOf(directory: ZipDirectory): Promise<Buffer> {
  const hash = createHash('sha384');
  for (const { entry, raw } of directory.entries) {
    if (raw.fileName === SIGNATURE_FILE) continue;
    hash.update(raw.fileNameRaw);
    if (entry.kind === 'directory') continue;
    for await (const chunk of checkedContent(directory, raw)) hash.update(chunk);
  }
  return createHash('sha384').update(hash.digest()).digest();
}

/** Whether certificates lead from whoever signed to a root, each valid when it was signed: they last for days only. */
function isTrusted(
  { signer, certificates, signingTimeMs }: SignedMessage,
  roots: readonly X509Certificate[],
): boolean {
  if (!signer.keyUsage?.includes(CODE_SIGNING)) return false;
  let current = signer;
  for (let depth = 0; depth < CHAIN_MAX; depth += 1) {
    const subject = current;
    if (!wasValid(subject, signingTimeMs)) return false;
    if (roots.some(root => isIssuer(root, subject) && wasValid(root, signingTimeMs))) return true;
    const issuer = certificates.find(one => isIssuer(one, subject));
    if (!issuer) return false;
    current = issuer;
  }
  return false;
}

function isIssuer(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

function wasValid({ validFromDate, validToDate }: X509Certificate, atMs: number): boolean {
  return validFromDate.getTime() <= atMs && atMs <= validToDate.getTime();
}

const SIGNATURE_FILE = 'META_INF/aws_signer_signature_v1.0.SF';
/** A signature and a handful of certificates have a few thousand. */
const SIGNATURE_BYTES_MAX = 1024 * 1024;
/** AWS's chain is four long. */
const CHAIN_MAX = 8;
/** The extended key usage of RFC 5280. */
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
