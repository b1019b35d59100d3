import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { type AliasRecord, withAliasChange } from '@lambent/functions';
import { toAliasConfiguration } from './alias-configuration.ts';
import { checkTarget, chosenRouting } from './alias-target.ts';
import { changeFunction } from './change-function.ts';
import { followAlias } from './follow-alias.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { checkRevision } from './refusals.ts';

type Input = LambdaInput<'UpdateAlias'>;

export function updateAlias(backend: LambdaBackend): Handler<Input, LambdaOutput<'UpdateAlias'>> {
  return async input => {
    const { Name: name = '' } = input;
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    return changeFunction(backend, address, async record => {
      const current = await backend.store.readAlias(record.id, name);
      if (!current)
        throw new AwsError('ResourceNotFoundException', `Alias not found: ${address.qualified(name)}`);
      checkRevision(input.RevisionId, current.revisionId);
      const alias = { ...withChoices(current, input), revisionId: backend.random.uuid() };
      await checkTarget(backend, address, record, alias);
      const alongside = await followAlias(backend, record.id, alias);
      return {
        record: withAliasChange(record),
        putAlias: alias,
        ...(alongside && { alongside }),
        result: toAliasConfiguration(address, alias),
      };
    });
  };
}

/** What is not given stays, the second version too; that one goes with an empty map. */
function withChoices(current: AliasRecord, input: Input): AliasRecord {
  const { routing: _, ...single } = current;
  const base = input.RoutingConfig ? { ...single, ...chosenRouting(input.RoutingConfig) } : current;
  return {
    ...base,
    version: input.FunctionVersion ?? current.version,
    description: input.Description ?? current.description,
  };
}
