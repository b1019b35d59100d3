import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { findVersion } from './find-version.ts';
import { FunctionAddress } from './function-address.ts';
import { toFunctionConfiguration } from './function-configuration.ts';
import { reservationOf } from './get-function-concurrency.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function getFunction(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetFunction'>, LambdaOutput<'GetFunction'>> {
  return async (input, context) => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    const { record, version } = await findVersion(backend, address);
    const concurrency = await reservationOf(backend, record.id);
    return {
      Configuration: toFunctionConfiguration({
        record,
        version,
        region: backend.region,
        qualifier: address.qualifier,
        moment: { kind: 'stored' },
      }),
      Code: {
        RepositoryType: 'S3',
        Location: backend.codeLinks.create(context.baseUrl, version.code.digest),
      },
      ...(Object.keys(record.tags).length > 0 && { Tags: record.tags }),
      ...(concurrency.ReservedConcurrentExecutions !== undefined && { Concurrency: concurrency }),
    };
  };
}
