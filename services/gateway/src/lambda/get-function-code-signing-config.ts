import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

type Output = LambdaOutput<'GetFunctionCodeSigningConfig'>;

/** Functions have no code signing configuration yet, and AWS answers for one without with an empty object. */
export function getFunctionCodeSigningConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetFunctionCodeSigningConfig'>, Output> {
  return async input => {
    const address = FunctionAddress.of(backend, input.FunctionName);
    if (!(await backend.store.read(address.name))) throw address.notFound();
    return { CodeSigningConfigArn: undefined, FunctionName: undefined };
  };
}
