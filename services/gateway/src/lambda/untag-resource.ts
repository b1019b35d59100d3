import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { taggedResource } from './tagged-resource.ts';

export function untagResource(
  backend: LambdaBackend,
): Handler<LambdaInput<'UntagResource'>, LambdaOutput<'UntagResource'>> {
  return async input => {
    const removed = new Set(input.TagKeys);
    await taggedResource(backend, input.Resource).change(tags =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key))),
    );
    return {};
  };
}
