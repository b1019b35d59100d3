import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { withAliasChange } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

/** An alias that is not there is deleted already. */
export function deleteAlias(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteAlias'>, LambdaOutput<'DeleteAlias'>> {
  return async ({ FunctionName, Name: name = '' }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    return changeFunction(backend, address, async record => {
      if (!(await backend.store.readAlias(record.id, name))) return { result: {} };
      return { record: withAliasChange(record), deleteAlias: name, result: {} };
    });
  };
}
