import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { toAliasConfiguration } from './alias-configuration.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { aliasNotFound } from './refusals.ts';

export function getAlias({
  store,
  ...home
}: LambdaBackend): Handler<LambdaInput<'GetAlias'>, LambdaOutput<'GetAlias'>> {
  return async ({ FunctionName, Name: name = '' }) => {
    const address = FunctionAddress.ofFunction(home, FunctionName);
    const record = await store.read(address.name);
    if (!record) throw address.notFound();
    const alias = await store.readAlias(record.id, name);
    if (!alias) throw aliasNotFound(address.qualified(name));
    return toAliasConfiguration(address, alias);
  };
}
