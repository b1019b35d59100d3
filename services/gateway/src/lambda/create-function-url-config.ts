import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { LATEST, type UrlRecord } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { notForTenants } from './refusals.ts';
import { chosenCors, toUrlConfig, urlQualifier } from './url-config.ts';

export function createFunctionUrlConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'CreateFunctionUrlConfig'>, LambdaOutput<'CreateFunctionUrlConfig'>> {
  return async (input, { baseUrl }) => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    const qualifier = urlQualifier(address);
    const cors = chosenCors(input.Cors);
    return changeFunction(backend, address, async record => {
      const { store, clock, random } = backend;
      if (qualifier !== LATEST && !(await store.readAlias(record.id, qualifier)))
        throw new AwsError('ResourceNotFoundException', 'Function does not exist');
      if (record.latest.configuration.tenantIsolation) throw notForTenants('A function URL');
      if (await store.readUrl(record.id, qualifier))
        throw new AwsError(
          'ResourceConflictException',
          `Failed to create function url config for [functionArn = ${address.arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
        );
      const url: UrlRecord = {
        schema: 1,
        qualifier,
        urlId: Buffer.from(random.bytes(16)).toString('hex'),
        authType: input.AuthType ?? 'NONE',
        invokeMode: input.InvokeMode ?? 'BUFFERED',
        ...(cors && { cors }),
        createdMs: clock.nowMs(),
        modifiedMs: clock.nowMs(),
      };
      return { record, putUrl: url, result: toUrlConfig(url, { ...backend, address, baseUrl }) };
    });
  };
}
