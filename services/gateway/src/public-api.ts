import { type AwsServer, createAwsServer, createLambdaService } from '@lambent/aws-api';
import type { GatewayOptions } from './gateway.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { LambdaBackend } from './lambda/lambda-backend.ts';
import { lambdaHandlers } from './lambda/lambda-handlers.ts';

/** The AWS API, and beside it the links it hands out. */
export function publicApi(
  options: GatewayOptions,
  backend: LambdaBackend,
  metrics: GatewayMetrics,
): AwsServer {
  const { config, random, clock, logger } = options;
  const { accountId, region } = config;
  const aws = createAwsServer({
    services: [createLambdaService(lambdaHandlers(backend))],
    accountId,
    region,
    random,
    clock,
    onError: (err, requestId, operation) => logger.error({ err, requestId, operation }, 'unexpected error'),
    onRequest: request => metrics.answered(request),
  });
  const { codeLinks } = backend;
  return {
    handle: (request, response) =>
      codeLinks.serves(request) ? codeLinks.handle(request, response) : aws.handle(request, response),
  };
}
