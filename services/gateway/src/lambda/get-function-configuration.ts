import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { findVersion } from './find-version.ts';
import { FunctionAddress } from './function-address.ts';
import { toFunctionConfiguration } from './function-configuration.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function getFunctionConfiguration(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetFunctionConfiguration'>, LambdaOutput<'GetFunctionConfiguration'>> {
  return async input => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    const { record, version } = await findVersion(backend, address);
    return toFunctionConfiguration({
      record,
      version,
      region: backend.region,
      qualifier: address.qualifier,
      moment: { kind: 'stored' },
    });
  };
}
