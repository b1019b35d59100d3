import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { LATEST } from '@lambent/functions';
import { readVersion } from './find-version.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { toRuntimeManagementConfig } from './runtime-management.ts';

export function getRuntimeManagementConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetRuntimeManagementConfig'>, LambdaOutput<'GetRuntimeManagementConfig'>> {
  return async ({ FunctionName, Qualifier }) => {
    const address = FunctionAddress.of(backend, FunctionName, Qualifier);
    const record = await backend.store.read(address.name);
    const version = record && (await readVersion(backend, record, address.qualifier ?? LATEST));
    if (!version) throw address.notFound();
    return toRuntimeManagementConfig(address, version);
  };
}
