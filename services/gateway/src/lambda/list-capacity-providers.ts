import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { toCapacityProvider } from './capacity-provider.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';

export function listCapacityProviders(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListCapacityProviders'>, LambdaOutput<'ListCapacityProviders'>> {
  return async ({ State, Marker, MaxItems }) => {
    const [after] = decodeMarker(Marker, 1) ?? [];
    // Each that is stored is active: the other states pass within one request.
    if (State !== undefined && State !== 'Active') return { CapacityProviders: [] };
    const { items, more } = await backend.capacityProviders.list({ after, limit: pageSize(MaxItems) });
    const last = items.at(-1);
    return {
      CapacityProviders: items.map(record => toCapacityProvider(backend, record, 'Active')),
      ...(more && last && { NextMarker: encodeMarker([last.name]) }),
    };
  };
}
