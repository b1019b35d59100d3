import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { formatFunctionArn } from '@lambent/core';
import { capacityProviderArn, readCapacityProvider } from './capacity-provider.ts';
import { versionsOnProvider } from './capacity-provider-versions.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';

type Operation = 'ListFunctionVersionsByCapacityProvider';

export function listFunctionVersionsByCapacityProvider(
  backend: LambdaBackend,
): Handler<LambdaInput<Operation>, LambdaOutput<Operation>> {
  return async ({ CapacityProviderName, Marker, MaxItems }) => {
    const provider = await readCapacityProvider(backend, CapacityProviderName);
    const arn = capacityProviderArn(backend, provider.name);
    const [name, version] = decodeMarker(Marker, 2) ?? [];
    const after = name !== undefined && version !== undefined ? { name, version } : undefined;
    const limit = pageSize(MaxItems);
    // One more than is shown says that there is a next page.
    const found = await versionsOnProvider(backend, { arn, after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      CapacityProviderArn: arn,
      FunctionVersions: page.map(({ record, version }) => ({
        FunctionArn: formatFunctionArn({ ...backend, name: record.name, qualifier: version.version }),
        State: version.state.kind === 'good' ? 'Active' : 'Failed',
      })),
      ...(found.length > limit &&
        last && { NextMarker: encodeMarker([last.record.name, last.version.version]) }),
    };
  };
}
