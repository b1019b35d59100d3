import { AwsError } from '@lambent/aws-api';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

const TAGS_MAX = 50;
const KEY_LENGTH_MAX = 128;
const VALUE_LENGTH_MAX = 256;

export function checkTags(tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags);
  if (entries.length > TAGS_MAX) throw invalidParameter('Number of tags exceeds resource tag limit.');
  for (const [key, value] of entries) {
    if (key === '' || key.length > KEY_LENGTH_MAX || /^aws:/i.test(key))
      throw invalidParameter(`Invalid tag key: ${key}`);
    if (value.length > VALUE_LENGTH_MAX) throw invalidParameter(`Invalid tag value for the key ${key}`);
  }
}

/** The function that a tag operation's ARN names. Only functions have tags so far. */
export function taggedFunction(backend: LambdaBackend, resource: string | undefined): FunctionAddress {
  if (!resource?.includes(':function:'))
    throw new AwsError('ResourceNotFoundException', `The resource does not exist: ${resource}`);
  const address = FunctionAddress.of(backend, resource);
  if (address.qualifier !== undefined)
    throw invalidParameter(
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    );
  return address;
}
