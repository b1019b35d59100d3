import { AwsError } from '@lambent/aws-api';
import { type FunctionRecord, withCodeSigning } from '@lambent/functions';
import type { Transaction } from '@lambent/registry';
import type { LambdaBackend } from './lambda-backend.ts';

/** What stands for a configuration of this account and region in its ARN; undefined: it is none of those. */
export function codeSigningId(
  { region, accountId }: Pick<LambdaBackend, 'region' | 'accountId'>,
  arn: string | undefined,
): string | undefined {
  const [, , , itsRegion, itsAccount, kind, id] = arn?.split(':') ?? [];
  const isHere = itsRegion === region && itsAccount === accountId;
  return isHere && kind === 'code-signing-config' ? id : undefined;
}

/** A function that uses the configuration of that ARN, where there is one, and what is written with it. */
export async function signedBy(
  backend: LambdaBackend,
  record: FunctionRecord,
  arn: string | undefined,
): Promise<{ readonly record: FunctionRecord; readonly alongside: Transaction }> {
  if (arn === undefined) return { record, alongside: { compare: [], write: [] } };
  const id = codeSigningId(backend, arn);
  const alongside = id === undefined ? undefined : await backend.codeSigning.use(record, id);
  if (!alongside)
    throw new AwsError(
      'CodeSigningConfigNotFoundException',
      `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${arn}.`,
    );
  return { record: withCodeSigning(record, id), alongside };
}
