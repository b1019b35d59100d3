import { AwsError, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import type { CodeSigningRecord } from '@lambent/functions';
import { codeSigningId } from './code-signing-use.ts';
import { lambdaTime } from './function-configuration.ts';
import type { LambdaBackend } from './lambda-backend.ts';

type Shown = NonNullable<LambdaOutput<'GetCodeSigningConfig'>['CodeSigningConfig']>;
type Choices = Partial<Omit<LambdaInput<'CreateCodeSigningConfig'>, 'Tags'>>;

/** A code signing configuration as AWS shows it. */
export function toCodeSigningConfig(
  backend: LambdaBackend,
  record: Omit<CodeSigningRecord, 'writeId'>,
): Shown {
  return {
    CodeSigningConfigId: record.id,
    CodeSigningConfigArn: codeSigningArn(backend, record.id),
    Description: record.description,
    AllowedPublishers: { SigningProfileVersionArns: record.profileVersionArns },
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: record.untrusted },
    LastModified: lambdaTime(record.modifiedMs),
  };
}

export function codeSigningArn({ region, accountId }: LambdaBackend, id: string): string {
  return `arn:aws:lambda:${region}:${accountId}:code-signing-config:${id}`;
}

/** What is configured after a request: members that it gives replace what was there. */
export function chosenCodeSigning(
  base: Omit<CodeSigningRecord, 'writeId'>,
  input: Choices,
): Omit<CodeSigningRecord, 'writeId'> {
  return {
    ...base,
    description: input.Description ?? base.description,
    profileVersionArns: input.AllowedPublishers?.SigningProfileVersionArns ?? base.profileVersionArns,
    untrusted: input.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? base.untrusted,
  };
}

/** Throws AWS's refusal where there is none. */
export async function readCodeSigning(
  backend: LambdaBackend,
  arn: string | undefined,
): Promise<CodeSigningRecord> {
  const id = codeSigningId(backend, arn);
  const record = id === undefined ? undefined : await backend.codeSigning.read(id);
  if (!record) throw noCodeSigning(arn);
  return record;
}

export function noCodeSigning(arn: string | undefined): AwsError {
  return new AwsError(
    'ResourceNotFoundException',
    `The Lambda code signing configuration ${arn} can not be found.`,
  );
}
