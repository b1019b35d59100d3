import { AwsError } from './aws-error.ts';

/** Node's decoder skips what is not base64; what it skipped shows in the length. */
export function readBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0)
    throw refusal(`Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`);
  const bytes = Buffer.from(text, 'base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (bytes.length !== (text.length / 4) * 3 - padding) throw refusal('Invalid Base64 character');
  return bytes;
}

/** AWS repeats the value here; it may be a whole package, so we do not. */
function refusal(detail: string): AwsError {
  return new AwsError('SerializationException', `Value can not be converted to a Blob: ${detail}`);
}
