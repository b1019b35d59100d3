import {
  type AwsServer,
  createAwsServer,
  createIamService,
  createLambdaService,
  createLogsService,
  createStsService,
} from '@lambent/aws-api';
import { Credentials, IdentityStore } from '@lambent/identity';
import type { GatewayOptions } from './gateway.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { IamBackend } from './iam/iam-backend.ts';
import { iamHandlers } from './iam/iam-handlers.ts';
import { withControlRates } from './lambda/control-rate.ts';
import type { LambdaBackend } from './lambda/lambda-backend.ts';
import { lambdaHandlers } from './lambda/lambda-handlers.ts';
import { stsHandlers } from './sts/sts-handlers.ts';
import { FunctionUrls } from './urls/function-urls.ts';
import { UrlDirectory } from './urls/url-directory.ts';
import { UrlSigners } from './urls/url-signers.ts';

/** The AWS API, and beside it the links it hands out and the functions' own URLs. */
export function publicApi(
  options: GatewayOptions,
  backend: LambdaBackend,
  metrics: GatewayMetrics,
): AwsServer {
  const { config, random, clock, logger } = options;
  const { accountId, region } = config;
  const identity = openIdentity(options);
  const aws = createAwsServer({
    services: [
      createLambdaService(withControlRates(lambdaHandlers(backend), config, clock), backend.quotas),
      createStsService(stsHandlers(identity)),
      createIamService(iamHandlers(identity)),
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
  const signers = new UrlSigners(identity);
  const urls = new FunctionUrls({ ...backend, hosts, directory, signers, logger });
  return {
    handle: (request, response) => {
      if (codeLinks.serves(request)) return codeLinks.handle(request, response);
      if (urls.serves(request)) return urls.handle(request, response);
      return aws.handle(request, response);
    },
  };
}

function openIdentity({ registry, clock, random, config: { accountId } }: GatewayOptions): IamBackend {
  const identities = new IdentityStore({ registry, random });
  const credentials = new Credentials({ registry, store: identities, clock, random });
  return { accountId, identities, credentials, clock, random };
}
