import { LambdaClient } from '@aws-sdk/client-lambda';

/** What every test uses; signatures are not verified yet, but clients want to make one. */
const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** A client that does not try again by itself, so that a test sees every answer. `url` is asked at each request. */
export function createTestClient(url: () => string): LambdaClient {
  return new LambdaClient({
    endpoint: async () => {
      const { protocol, hostname, port, pathname } = new URL(url());
      return { protocol, hostname, port: Number(port), path: pathname };
    },
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
}

/** What an AWS client of any kind is told by its environment to reach this Lambent and nothing else. */
export function clientEnvironment(url: string, home: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    AWS_ENDPOINT_URL: url,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
  };
}
