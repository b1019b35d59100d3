import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { noUrl, toUrlConfig, urlQualifier } from './url-config.ts';

export function getFunctionUrlConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetFunctionUrlConfig'>, LambdaOutput<'GetFunctionUrlConfig'>> {
  return async ({ FunctionName, Qualifier }, { baseUrl }) => {
    const address = FunctionAddress.of(backend, FunctionName, Qualifier);
    const qualifier = urlQualifier(address);
    const record = await backend.store.read(address.name);
    const url = record && (await backend.store.readUrl(record.id, qualifier));
    if (!url) throw noUrl();
    return toUrlConfig(url, { ...backend, address, baseUrl });
  };
}
