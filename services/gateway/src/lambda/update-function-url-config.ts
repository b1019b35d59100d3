import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { chosenCors, noUrl, toUrlConfig, urlQualifier } from './url-config.ts';

/** Changes what is named and leaves the rest. */
export function updateFunctionUrlConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'UpdateFunctionUrlConfig'>, LambdaOutput<'UpdateFunctionUrlConfig'>> {
  return async (input, { baseUrl }) => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    const qualifier = urlQualifier(address);
    const cors = chosenCors(input.Cors);
    return changeFunction(backend, address, async record => {
      const before = await backend.store.readUrl(record.id, qualifier);
      if (!before) throw noUrl();
      const url = {
        ...before,
        ...(input.AuthType !== undefined && { authType: input.AuthType }),
        ...(input.InvokeMode !== undefined && { invokeMode: input.InvokeMode }),
        ...(cors && { cors }),
        modifiedMs: backend.clock.nowMs(),
      };
      return { record, putUrl: url, result: toUrlConfig(url, { ...backend, address, baseUrl }) };
    });
  };
}
