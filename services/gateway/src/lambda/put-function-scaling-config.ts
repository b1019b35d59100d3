import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { VersionRecord } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import { scaledVersion } from './function-scaling.ts';
import { type LambdaBackend, stampOf } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

type Input = LambdaInput<'PutFunctionScalingConfig'>;
type Output = LambdaOutput<'PutFunctionScalingConfig'>;

/** Without a configuration it takes the one that is there away. */
export function putFunctionScalingConfig(backend: LambdaBackend): Handler<Input, Output> {
  return async ({ FunctionName, Qualifier, FunctionScalingConfig }) => {
    const address = FunctionAddress.of(backend, FunctionName, Qualifier);
    const chosen = scalingOf(FunctionScalingConfig);
    return changeFunction<Output>(backend, address, async record => {
      const { scaling: _, ...version } = await scaledVersion(backend, record, address);
      const { revisionId } = stampOf(backend);
      const publish = { ...version, revisionId, ...(chosen && { scaling: chosen }) };
      const state = version.state.kind === 'good' ? 'Active' : 'Failed';
      return { record, publish, result: { FunctionState: state } };
    });
  };
}

function scalingOf(given: Input['FunctionScalingConfig']): VersionRecord['scaling'] {
  const { MinExecutionEnvironments: min, MaxExecutionEnvironments: max } = given ?? {};
  if (min !== undefined && max !== undefined && min > max)
    throw invalidParameter('MinExecutionEnvironments must not be greater than MaxExecutionEnvironments.');
  if (!given) return undefined;
  return {
    ...(min !== undefined && { minEnvironments: min }),
    ...(max !== undefined && { maxEnvironments: max }),
  };
}
