import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { type AliasRecord, withAliasChange } from '@lambent/functions';
import { toAliasConfiguration } from './alias-configuration.ts';
import { checkTarget, chosenRouting } from './alias-target.ts';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function createAlias(
  backend: LambdaBackend,
): Handler<LambdaInput<'CreateAlias'>, LambdaOutput<'CreateAlias'>> {
  return async input => {
    const { Name: name = '', FunctionVersion: version = '', Description: description = '' } = input;
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    return changeFunction(backend, address, async record => {
      if (await backend.store.readAlias(record.id, name))
        throw new AwsError('ResourceConflictException', `Alias already exists: ${address.qualified(name)}`);
      const target = { version, ...chosenRouting(input.RoutingConfig) };
      await checkTarget(backend, address, record, target);
      const revisionId = backend.random.uuid();
      const alias: AliasRecord = { schema: 1, name, revisionId, description, ...target };
      return {
        record: withAliasChange(record),
        putAlias: alias,
        result: toAliasConfiguration(address, alias),
      };
    });
  };
}
