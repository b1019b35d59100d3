import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { LATEST, withRuntimeUpdate } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { readVersion } from './find-version.ts';
import { FunctionAddress } from './function-address.ts';
import { type LambdaBackend, stampOf } from './lambda-backend.ts';
import { chosenRuntimeUpdate, toRuntimeManagementConfig } from './runtime-management.ts';

type Output = LambdaOutput<'PutRuntimeManagementConfig'>;

export function putRuntimeManagementConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'PutRuntimeManagementConfig'>, Output> {
  return async input => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    return changeFunction<Output>(backend, address, async record => {
      const version = await readVersion(backend, record, address.qualifier ?? LATEST);
      if (!version) throw address.notFound();
      const chosen = chosenRuntimeUpdate(input, version, backend.region);
      const changed = withRuntimeUpdate(version, chosen, stampOf(backend));
      const result = toRuntimeManagementConfig(address, changed);
      if (version.version === LATEST) return { record: { ...record, latest: changed }, result };
      return { record, publish: changed, result };
    });
  };
}
