import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { toCodeSigningConfig } from './code-signing-config.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';

export function listCodeSigningConfigs(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListCodeSigningConfigs'>, LambdaOutput<'ListCodeSigningConfigs'>> {
  return async ({ Marker, MaxItems }) => {
    const [after] = decodeMarker(Marker, 1) ?? [];
    const { items, more } = await backend.codeSigning.list({ after, limit: pageSize(MaxItems) });
    const last = items.at(-1);
    return {
      CodeSigningConfigs: items.map(record => toCodeSigningConfig(backend, record)),
      ...(more && last && { NextMarker: encodeMarker([last.id]) }),
    };
  };
}
