import type { LambdaOutput } from '@lambent/aws-api';
import type { AliasRecord } from '@lambent/functions';
import type { FunctionAddress } from './function-address.ts';

/** An alias as AWS shows it. */
export function toAliasConfiguration(address: FunctionAddress, alias: AliasRecord): LambdaOutput<'GetAlias'> {
  const { routing } = alias;
  return {
    AliasArn: address.qualified(alias.name),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(routing && {
      RoutingConfig: { AdditionalVersionWeights: { [routing.version]: routing.weight } },
    }),
    RevisionId: alias.revisionId,
  };
}
