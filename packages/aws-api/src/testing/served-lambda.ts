import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SystemClock, SystemRandom } from '@lambent/core';
import { type AnsweredRequest, type AwsServerOptions, createAwsServer } from '../aws-server.ts';
import { createHttpServer, type HttpLimits } from '../http-server.ts';
import { createLambdaService, type LambdaHandlers } from '../lambda/lambda-service.ts';

export interface ServedLambda extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly client: LambdaClient;
  readonly errors: { error: unknown; operation: string | undefined }[];
  readonly requests: AnsweredRequest[];
}

/** Lambda's API with toy handlers on a port of loopback, and AWS's own client for it. */
export async function serve(
  handlers: LambdaHandlers,
  options: Partial<AwsServerOptions> & { limits?: Partial<HttpLimits> } = {},
): Promise<ServedLambda> {
  const errors: ServedLambda['errors'] = [];
  const requests: AnsweredRequest[] = [];
  const { limits = {}, ...serverOptions } = options;
  const server = createAwsServer({
    services: [createLambdaService(handlers)],
    accountId: '123456789012',
    region: 'eu-west-1',
    random: new SystemRandom(),
    clock: new SystemClock(),
    onError: (error, _requestId, operation) => errors.push({ error, operation }),
    onRequest: request => requests.push(request),
    ...serverOptions,
  });
  const http = createHttpServer({
    handle: (request, response) => {
      void server.handle(request, response);
    },
    limits,
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const client = new LambdaClient({
    endpoint: url,
    region: 'ap-south-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  return {
    url,
    port,
    client,
    errors,
    requests,
    async [Symbol.asyncDispose]() {
      client.destroy();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
