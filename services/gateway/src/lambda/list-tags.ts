import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { taggedFunction } from './resource-tags.ts';

export function listTags(backend: LambdaBackend): Handler<LambdaInput<'ListTags'>, LambdaOutput<'ListTags'>> {
  return async input => {
    const address = taggedFunction(backend, input.Resource);
    const record = await backend.store.read(address.name);
    if (!record) throw address.notFound();
    return { Tags: record.tags };
  };
}
