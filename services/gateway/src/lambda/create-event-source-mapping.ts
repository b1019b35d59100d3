import type { Handler, LambdaInput } from '@lambent/aws-api';
import { type MappingRecord, readSettings, sourceKindOf } from '@lambent/event-sources';
import {
  checkTarget,
  type EventSourceMapping,
  givenSettings,
  mappingTaken,
  toEventSourceMapping,
} from './event-source-mapping.ts';
import { checkSettings, defaultSettings } from './event-source-rules.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';
import { checkTags } from './resource-tags.ts';

/** What is read of the source will be given to the function, as soon as somebody polls that kind of source. */
export function createEventSourceMapping(
  backend: LambdaBackend,
): Handler<LambdaInput<'CreateEventSourceMapping'>, EventSourceMapping> {
  return async ({ FunctionName, ...input }) => {
    const address = FunctionAddress.of(backend, FunctionName);
    const kind = sourceKindOf(input);
    if (!kind) throw invalidParameter('Unrecognized event source.');
    const given = readSettings(givenSettings(input));
    checkSettings(backend, kind, given);
    const settings = { ...defaultSettings(kind), ...given };
    const tags = { ...input.Tags };
    checkTags(tags);
    await checkTarget(backend, address);
    const record: Omit<MappingRecord, 'writeId'> = {
      schema: 1,
      uuid: backend.random.uuid(),
      kind,
      functionName: address.name,
      ...(address.qualifier !== undefined && { qualifier: address.qualifier }),
      enabled: input.Enabled ?? true,
      lastModifiedMs: backend.clock.nowMs(),
      tags,
      settings,
    };
    const result = toEventSourceMapping(backend, record, 'Creating');
    return backend.mappings.change(
      record.uuid,
      () => ({ put: record, result }),
      mappingTaken(settings, address.arn),
    );
  };
}
