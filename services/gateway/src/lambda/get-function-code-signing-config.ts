import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { codeSigningArn } from './code-signing-config.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

type Output = LambdaOutput<'GetFunctionCodeSigningConfig'>;

/** For a function without one AWS answers with an empty object. */
export function getFunctionCodeSigningConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetFunctionCodeSigningConfig'>, Output> {
  return async input => {
    const address = FunctionAddress.of(backend, input.FunctionName);
    const record = await backend.store.read(address.name);
    if (!record) throw address.notFound();
    const { codeSigningConfigId: id } = record;
    if (id === undefined) return { CodeSigningConfigArn: undefined, FunctionName: undefined };
    return { CodeSigningConfigArn: codeSigningArn(backend, id), FunctionName: record.name };
  };
}
