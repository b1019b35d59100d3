import type { Handler, LambdaInput } from '@lambent/aws-api';
import { type MappingRecord, readSettings } from '@lambent/event-sources';
import {
  checkTarget,
  type EventSourceMapping,
  givenSettings,
  type MappingMoment,
  mappingTaken,
  noMapping,
  toEventSourceMapping,
} from './event-source-mapping.ts';
import { checkSettings } from './event-source-rules.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

/** Changes what is named and leaves the rest; each member that is named is replaced as a whole. */
export function updateEventSourceMapping(
  backend: LambdaBackend,
): Handler<LambdaInput<'UpdateEventSourceMapping'>, EventSourceMapping> {
  return async ({ UUID = '', FunctionName, Enabled, ...input }) => {
    const before = await backend.mappings.read(UUID);
    if (!before) throw noMapping();
    const address = FunctionName === undefined ? undefined : FunctionAddress.of(backend, FunctionName);
    if (address) await checkTarget(backend, address);
    const given = readSettings(givenSettings(input));
    const { FunctionArn = '' } = toEventSourceMapping(backend, before, 'stored');
    return backend.mappings.change(
      UUID,
      current => {
        if (!current) throw noMapping();
        const { functionName, qualifier, ...rest } = current;
        const target = address ?? { name: functionName, qualifier };
        const settings = { ...current.settings, ...given };
        checkSettings(backend, current.kind, settings);
        const put: Omit<MappingRecord, 'writeId'> = {
          ...rest,
          functionName: target.name,
          ...(target.qualifier !== undefined && { qualifier: target.qualifier }),
          enabled: Enabled ?? current.enabled,
          lastModifiedMs: backend.clock.nowMs(),
          settings,
        };
        return { put, result: toEventSourceMapping(backend, put, momentOf(current.enabled, put.enabled)) };
      },
      mappingTaken(before.settings, address?.arn ?? FunctionArn),
    );
  };
}

function momentOf(before: boolean, after: boolean): MappingMoment {
  if (before === after) return 'Updating';
  return after ? 'Enabling' : 'Disabling';
}
