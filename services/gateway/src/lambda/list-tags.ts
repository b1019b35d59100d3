import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { taggedResource } from './tagged-resource.ts';

export function listTags(backend: LambdaBackend): Handler<LambdaInput<'ListTags'>, LambdaOutput<'ListTags'>> {
  return async ({ Resource }) => ({ Tags: await taggedResource(backend, Resource).read() });
}
