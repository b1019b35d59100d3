import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { checkTags } from './resource-tags.ts';
import { taggedResource } from './tagged-resource.ts';

export function tagResource(
  backend: LambdaBackend,
): Handler<LambdaInput<'TagResource'>, LambdaOutput<'TagResource'>> {
  return async input => {
    await taggedResource(backend, input.Resource).change(before => {
      const tags = { ...before, ...input.Tags };
      checkTags(tags);
      return tags;
    });
    return {};
  };
}
