import { AWS_QUOTAS, type Quotas } from '@lambent/core';
import type { AwsService } from '../aws-service.ts';
import { REST_JSON } from '../rest-json/rest-json-protocol.ts';
import { collectSchemas, type Schemas } from '../schemas.ts';
import type { HandlersOf, InputOf, OperationOf, OutputOf } from '../typed-handlers.ts';
import { lambdaBodyLimits } from './body-limits.ts';
import { lambdaConstraints } from './constraints.ts';

type Client = typeof import('@aws-sdk/client-lambda');

/** The names of Lambda's operations. */
export type LambdaOperation = OperationOf<Client>;
export type LambdaInput<Name extends LambdaOperation> = InputOf<Client, Name>;
export type LambdaOutput<Name extends LambdaOperation> = OutputOf<Client, Name>;
export type LambdaHandlers = HandlersOf<Client>;

/** Lambda's API, with this code behind it. */
export function createLambdaService(handlers: LambdaHandlers, quotas: Quotas = AWS_QUOTAS): AwsService {
  return {
    name: 'lambda',
    protocol: REST_JSON,
    load: loadLambdaSchemas,
    handlers,
    constraints: lambdaConstraints(quotas),
    bodyLimits: lambdaBodyLimits(quotas),
  };
}

/** The client is large and only its schemas are wanted, so it waits for the first request. */
export async function loadLambdaSchemas(): Promise<Schemas> {
  return collectSchemas(await import('@aws-sdk/client-lambda'), {
    // Declared as 200; every recorded answer of AWS is a 204.
    statusInPractice: { DeleteFunction: 204 },
  });
}
