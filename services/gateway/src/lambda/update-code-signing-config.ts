import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { chosenCodeSigning, noCodeSigning, toCodeSigningConfig } from './code-signing-config.ts';
import { codeSigningId } from './code-signing-use.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function updateCodeSigningConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'UpdateCodeSigningConfig'>, LambdaOutput<'UpdateCodeSigningConfig'>> {
  return async input => {
    const { CodeSigningConfigArn: arn } = input;
    const id = codeSigningId(backend, arn);
    if (id === undefined) throw noCodeSigning(arn);
    return backend.codeSigning.change(id, current => {
      if (!current) throw noCodeSigning(arn);
      const put = { ...chosenCodeSigning(current, input), modifiedMs: backend.clock.nowMs() };
      return { put, result: { CodeSigningConfig: toCodeSigningConfig(backend, put) } };
    });
  };
}
