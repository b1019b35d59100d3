import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { withAliasChange } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { withdrawal } from './provisioned-records.ts';

/** An alias that is not there is deleted already; what is provisioned for it, and its URL, go with it. */
export function deleteAlias(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteAlias'>, LambdaOutput<'DeleteAlias'>> {
  return async ({ FunctionName, Name: name = '' }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    return changeFunction(backend, address, async record => {
      if (!(await backend.store.readAlias(record.id, name))) return { result: {} };
      const url = await backend.store.readUrl(record.id, name);
      const alongside = await withdrawal(backend.registry, record.id, name);
      return {
        record: withAliasChange(record),
        deleteAlias: name,
        ...(url && { deleteUrl: url }),
        ...(alongside && { alongside }),
        result: {},
      };
    });
  };
}
