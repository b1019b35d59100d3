import type { Handler, LambdaInput } from '@lambent/aws-api';
import { type EventSourceMapping, noMapping, toEventSourceMapping } from './event-source-mapping.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function getEventSourceMapping(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetEventSourceMapping'>, EventSourceMapping> {
  return async ({ UUID = '' }) => {
    const record = await backend.mappings.read(UUID);
    if (!record) throw noMapping();
    return toEventSourceMapping(backend, record, 'stored');
  };
}
