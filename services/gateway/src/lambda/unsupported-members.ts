import type { AwsError, LambdaInput } from '@lambent/aws-api';
import { invalidParameter } from './refusals.ts';

type Given = Partial<LambdaInput<'CreateFunction'>> & Partial<LambdaInput<'UpdateFunctionCode'>>;

/** Members that would change what a function does, and whether a request really asks for them. */
const UNSUPPORTED: readonly (readonly [name: string, asked: (input: Given) => boolean])[] = [
  ['PackageType Image', input => input.PackageType === 'Image'],
  ['ImageUri', input => (input.Code?.ImageUri ?? input.ImageUri) !== undefined],
  ['ImageConfig', input => input.ImageConfig !== undefined],
  ['S3Bucket and S3Key', input => (input.Code?.S3Bucket ?? input.Code?.S3Key) !== undefined],
  ['S3Bucket and S3Key', input => (input.S3Bucket ?? input.S3Key) !== undefined],
  ['SourceKMSKeyArn', input => (input.Code?.SourceKMSKeyArn ?? input.SourceKMSKeyArn) !== undefined],
  ['FileSystemConfigs', input => (input.FileSystemConfigs?.length ?? 0) > 0],
  ['DeadLetterConfig', input => Boolean(input.DeadLetterConfig?.TargetArn)],
  ['DurableConfig', input => input.DurableConfig !== undefined],
];

/** Better refused than silently left out. Empty forms, which tools send for "none", pass. */
export function refuseUnsupported(input: Given): void {
  for (const [name, asked] of UNSUPPORTED) if (asked(input)) throw unsupported(name);
}

export function unsupported(name: string): AwsError {
  return invalidParameter(`${name}: not supported by Lambent yet.`);
}

/** Of an invocation, what would change what it means. */
export function refuseUnsupportedCall(input: Pick<LambdaInput<'Invoke'>, 'DurableExecutionName'>): void {
  if (input.DurableExecutionName !== undefined) throw unsupported('DurableExecutionName');
}
