import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { readCodeSigning, toCodeSigningConfig } from './code-signing-config.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function getCodeSigningConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetCodeSigningConfig'>, LambdaOutput<'GetCodeSigningConfig'>> {
  return async ({ CodeSigningConfigArn }) => ({
    CodeSigningConfig: toCodeSigningConfig(backend, await readCodeSigning(backend, CodeSigningConfigArn)),
  });
}
