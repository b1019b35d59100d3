import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { noCodeSigning } from './code-signing-config.ts';
import { codeSigningId } from './code-signing-use.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function deleteCodeSigningConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteCodeSigningConfig'>, LambdaOutput<'DeleteCodeSigningConfig'>> {
  return async ({ CodeSigningConfigArn: arn }) => {
    const id = codeSigningId(backend, arn);
    const end = id === undefined ? 'none' : await backend.codeSigning.remove(id);
    if (end === 'none') throw noCodeSigning(arn);
    if (end === 'in-use')
      throw new AwsError(
        'ResourceConflictException',
        `Code signing configuration ${arn} is in use by one or more functions and cannot be deleted.`,
      );
    return {};
  };
}
