import { LambdaClient } from '@aws-sdk/client-lambda';

/**
 * The AWS SDK's own client, pointed at a running Lambent. Signatures are parsed and not verified, so any key does;
 * and the region must only be one.
 */
export function createLambdaClient(url: string): LambdaClient {
  return new LambdaClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'lambent', secretAccessKey: 'lambent' },
    // A repeat would be a second invocation, and the person at the keyboard decides about that.
    maxAttempts: 1,
  });
}
