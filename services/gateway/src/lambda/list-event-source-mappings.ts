import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { toEventSourceMapping } from './event-source-mapping.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker } from './page-marker.ts';

/** AWS gives at most this many mappings at a time, whatever is asked for. */
const PAGE_MAX = 100;

/** Those of a source, of a function as it was addressed, of both, or all. */
export function listEventSourceMappings(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListEventSourceMappings'>, LambdaOutput<'ListEventSourceMappings'>> {
  return async ({ EventSourceArn, FunctionName, Marker, MaxItems }) => {
    const address = FunctionName === undefined ? undefined : FunctionAddress.of(backend, FunctionName);
    const [after] = decodeMarker(Marker, 1) ?? [];
    const { items, more } = await backend.mappings.list({
      after,
      limit: Math.min(MaxItems ?? PAGE_MAX, PAGE_MAX),
      wanted: ({ settings, functionName, qualifier }) =>
        (EventSourceArn === undefined || settings.EventSourceArn === EventSourceArn) &&
        (!address || (address.name === functionName && address.qualifier === qualifier)),
    });
    const last = items.at(-1);
    return {
      EventSourceMappings: items.map(record => toEventSourceMapping(backend, record, 'stored')),
      ...(more && last && { NextMarker: encodeMarker([last.uuid]) }),
    };
  };
}
