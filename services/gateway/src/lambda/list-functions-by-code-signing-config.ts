import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { readCodeSigning } from './code-signing-config.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';

export function listFunctionsByCodeSigningConfig(
  backend: LambdaBackend,
): Handler<
  LambdaInput<'ListFunctionsByCodeSigningConfig'>,
  LambdaOutput<'ListFunctionsByCodeSigningConfig'>
> {
  return async ({ CodeSigningConfigArn, Marker, MaxItems }) => {
    const { id } = await readCodeSigning(backend, CodeSigningConfigArn);
    const [after] = decodeMarker(Marker, 1) ?? [];
    const { items, more } = await backend.codeSigning.users(id, { after, limit: pageSize(MaxItems) });
    const last = items.at(-1);
    return {
      FunctionArns: items.map(user => FunctionAddress.of(backend, user.functionName).functionArn),
      ...(more && last && { NextMarker: encodeMarker([last.functionId]) }),
    };
  };
}
