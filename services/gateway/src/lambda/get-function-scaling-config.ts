import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { FunctionAddress } from './function-address.ts';
import { scaledVersion } from './function-scaling.ts';
import type { LambdaBackend } from './lambda-backend.ts';

/** What was asked for. Nothing is applied of it yet, and so nothing is said to be. */
export function getFunctionScalingConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetFunctionScalingConfig'>, LambdaOutput<'GetFunctionScalingConfig'>> {
  return async ({ FunctionName, Qualifier }) => {
    const address = FunctionAddress.of(backend, FunctionName, Qualifier);
    const record = await backend.store.read(address.name);
    const { version, scaling } = await scaledVersion(backend, record, address);
    return {
      FunctionArn: address.qualified(version),
      ...(scaling && {
        RequestedFunctionScalingConfig: {
          ...(scaling.minEnvironments !== undefined && { MinExecutionEnvironments: scaling.minEnvironments }),
          ...(scaling.maxEnvironments !== undefined && { MaxExecutionEnvironments: scaling.maxEnvironments }),
        },
      }),
    };
  };
}
