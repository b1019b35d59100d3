import type { Handler, LambdaInput } from '@lambent/aws-api';
import { type EventSourceMapping, noMapping, toEventSourceMapping } from './event-source-mapping.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function deleteEventSourceMapping(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteEventSourceMapping'>, EventSourceMapping> {
  return async ({ UUID = '' }) =>
    backend.mappings.change(UUID, current => {
      if (!current) throw noMapping();
      return { remove: true, result: toEventSourceMapping(backend, current, 'Deleting') };
    });
}
