import {
  type AwsServer,
  createAwsServer,
  createLambdaService,
  createLogsService,
  createStsService,
} from '@lambent/aws-api';
import type { GatewayOptions } from './gateway.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { withControlRates } from './lambda/control-rate.ts';
import type { LambdaBackend } from './lambda/lambda-backend.ts';
import { lambdaHandlers } from './lambda/lambda-handlers.ts';
import { stsHandlers } from './sts/sts-handlers.ts';
import { FunctionUrls } from './urls/function-urls.ts';
import { UrlDirectory } from './urls/url-directory.ts';

/** The AWS API, and beside it the links it hands out and the functions' own URLs. */
export function publicApi(
  options: GatewayOptions,
  backend: LambdaBackend,
  metrics: GatewayMetrics,
): AwsServer {
  const { config, random, clock, logger } = options;
  const { accountId, region } = config;
  const aws = createAwsServer({
    services: [
      createLambdaService(withControlRates(lambdaHandlers(backend), config, clock), backend.quotas),
      createStsService(stsHandlers()),
      createLogsService({}),
    ],
    accountId,
    region,
    random,
    clock,
    onError: (err, requestId, operation) => logger.error({ err, requestId, operation }, 'unexpected error'),
    onRequest: request => metrics.answered(request),
  });
  const { codeLinks, urlHosts: hosts } = backend;
  const directory = new UrlDirectory({ ...backend, accountId, region });
  const urls = new FunctionUrls({ ...backend, hosts, directory, logger });
  return {
    handle: (request, response) => {
      if (codeLinks.serves(request)) return codeLinks.handle(request, response);
      if (urls.serves(request)) return urls.handle(request, response);
      return aws.handle(request, response);
    },
  };
}
