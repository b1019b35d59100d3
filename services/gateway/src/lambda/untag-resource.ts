import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { withTags } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { taggedFunction } from './resource-tags.ts';

export function untagResource(
  backend: LambdaBackend,
): Handler<LambdaInput<'UntagResource'>, LambdaOutput<'UntagResource'>> {
  return async input => {
    const address = taggedFunction(backend, input.Resource);
    const removed = new Set(input.TagKeys);
    return changeFunction(backend, address, record => {
      const tags = Object.entries(record.tags).filter(([key]) => !removed.has(key));
      return { record: withTags(record, Object.fromEntries(tags)), result: {} };
    });
  };
}
