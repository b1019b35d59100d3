import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { withTags } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { checkTags, taggedFunction } from './resource-tags.ts';

export function tagResource(
  backend: LambdaBackend,
): Handler<LambdaInput<'TagResource'>, LambdaOutput<'TagResource'>> {
  return async input => {
    const address = taggedFunction(backend, input.Resource);
    return changeFunction(backend, address, record => {
      const tags = { ...record.tags, ...input.Tags };
      checkTags(tags);
      return { record: withTags(record, tags), result: {} };
    });
  };
}
