import { createHash } from 'node:crypto';
import { AwsError } from '@lambent/aws-api';
import { type CodeSignature, inspectZip, readCodeSignature } from '@lambent/function-code';
import type { CodeReference } from '@lambent/functions';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

/** A ZIP that was found sound. */
export interface Upload {
  readonly zip: Uint8Array;
  readonly unzippedBytes: number;
  /** Absent where it has none. */
  readonly signature?: Exclude<CodeSignature, { readonly kind: 'none' }>;
}

/** Checks an uploaded ZIP, of a function or a layer. Hostile and oversized ones are refused before anything is stored. */
export async function checkUpload(
  { quotas: { codeZippedBytes, codeUnzippedBytes }, signingRoots }: LambdaBackend,
  zip: Uint8Array | undefined,
): Promise<Upload> {
  if (!zip) throw invalidParameter('Please provide a source for function code.');
  if (zip.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
  if (zip.length > codeZippedBytes)
    throw new AwsError(
      'RequestEntityTooLargeException',
      `Zipped size must be smaller than ${codeZippedBytes} bytes`,
    );
  const { unzippedBytes } = await inspectZip(zip, codeUnzippedBytes);
  const signature = await readCodeSignature(zip, signingRoots, codeUnzippedBytes);
  return { zip, unzippedBytes, ...(signature.kind !== 'none' && { signature }) };
}

/** Durable before any function or layer names it. */
export async function storeUpload(
  { blobs }: LambdaBackend,
  { zip, ...found }: Upload,
): Promise<CodeReference> {
  const { digest, bytes } = await blobs.put(zip);
  return { digest, bytes, ...found };
}

/** What storing it would give. */
export function describeUpload({ zip, ...found }: Upload): CodeReference {
  return { digest: createHash('sha256').update(zip).digest('hex'), bytes: zip.length, ...found };
}
