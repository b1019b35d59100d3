import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { noUrl, urlQualifier } from './url-config.ts';

export function deleteFunctionUrlConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteFunctionUrlConfig'>, LambdaOutput<'DeleteFunctionUrlConfig'>> {
  return async ({ FunctionName, Qualifier }) => {
    const address = FunctionAddress.of(backend, FunctionName, Qualifier);
    const qualifier = urlQualifier(address);
    return changeFunction(backend, address, async record => {
      const url = await backend.store.readUrl(record.id, qualifier);
      if (!url) throw noUrl();
      return { record, deleteUrl: url, result: {} };
    });
  };
}
