import { AwsError } from '@lambent/aws-api';
import { parsePolicy } from '@lambent/iam';

/** AWS's refusals that more than one operation gives, word for word. */

export function noRole(name: string): AwsError {
  return new AwsError('NoSuchEntityException', `The role with name ${name} cannot be found.`);
}

export function noUser(name: string): AwsError {
  return new AwsError('NoSuchEntityException', `The user with name ${name} cannot be found.`);
}

export function noPolicy(arn: string): AwsError {
  return new AwsError('NoSuchEntityException', `Policy ${arn} does not exist or is not attachable.`);
}

export function overQuota(quota: string, max: number): AwsError {
  return new AwsError('LimitExceededException', `Cannot exceed quota for ${quota}: ${max}`);
}

/** Throws what AWS says of a document that it cannot read. */
export function checkDocument(text: string, of: 'identity' | 'trust'): void {
  const parsed = parsePolicy(text, of);
  if (parsed.kind === 'invalid') throw new AwsError('MalformedPolicyDocumentException', parsed.problem);
}

type GivenTags =
  | readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]
  | undefined;

/** What is there, and what is added to it. Its own keys are told apart by case, as IAM does for none of them. */
export function withTags(before: Readonly<Record<string, string>>, given: GivenTags): Record<string, string> {
  const tags = new Map(Object.entries(before));
  for (const { Key = '', Value = '' } of given ?? []) {
    if (/^aws:/i.test(Key))
      throw new AwsError('InvalidInputException', 'The prefix "aws:" is reserved for system tags.');
    tags.set(Key, Value);
  }
  if (tags.size > TAGS_MAX) throw overQuota('TagsPerRole', TAGS_MAX);
  return Object.fromEntries(tags);
}

export function shownTags(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

const TAGS_MAX = 50;
