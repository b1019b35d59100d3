import type { LambdaInput } from '@lambent/aws-api';
import { type AliasRecord, type FunctionRecord, LATEST } from '@lambent/functions';
import { readVersion } from './find-version.ts';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { functionNotFound, invalidParameter } from './refusals.ts';

/** What an alias points at. */
export type AliasTarget = Pick<AliasRecord, 'version' | 'routing'>;

type RoutingConfig = LambdaInput<'CreateAlias'>['RoutingConfig'];

/** The routing that a request asks for; none where it names no other version. */
export function chosenRouting(config: RoutingConfig): Pick<AliasTarget, 'routing'> {
  const weights = Object.entries(config?.AdditionalVersionWeights ?? {});
  if (weights.length > 1)
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
  const [only] = weights;
  return only ? { routing: { version: only[0], weight: only[1] } } : {};
}

/** Throws AWS's refusal unless the target's versions are there and may stand together. */
export async function checkTarget(
  backend: LambdaBackend,
  address: FunctionAddress,
  record: FunctionRecord,
  { version, routing }: AliasTarget,
): Promise<void> {
  const checkThere = async (wanted: string): Promise<void> => {
    if (!(await readVersion(backend, record, wanted))) throw functionNotFound(address.qualified(wanted));
  };
  await checkThere(version);
  if (!routing) return;
  if (routing.version === version)
    throw invalidParameter(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  if (version === LATEST)
    throw invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version');
  await checkThere(routing.version);
}
