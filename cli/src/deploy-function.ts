import {
  CreateFunctionCommand,
  GetFunctionCommand,
  type LambdaClient,
  ResourceNotFoundException,
  type Runtime,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';

export interface Deployment {
  readonly name: string;
  readonly runtime: Runtime;
  readonly handler: string;
  readonly zip: Uint8Array;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

/** Any well-formed role does; this one names nobody's account. */
const ROLE = 'arn:aws:iam::000000000000:role/lambent';
/** Far beyond what a change takes on one machine. */
const WAIT_SECONDS = 30;

/** Creates the function, or brings the one that is there to the same state, and waits until it can be invoked. */
export async function deployFunction(
  client: LambdaClient,
  deployment: Deployment,
): Promise<'created' | 'updated'> {
  const FunctionName = deployment.name;
  const configuration = {
    FunctionName,
    Runtime: deployment.runtime,
    Handler: deployment.handler,
    Role: ROLE,
    MemorySize: deployment.memoryMb,
    Timeout: deployment.timeoutSeconds,
  };
  const updated = () => waitUntilFunctionUpdatedV2({ client, maxWaitTime: WAIT_SECONDS }, { FunctionName });
  if (!(await exists(client, FunctionName))) {
    await client.send(new CreateFunctionCommand({ ...configuration, Code: { ZipFile: deployment.zip } }));
    await waitUntilFunctionActiveV2({ client, maxWaitTime: WAIT_SECONDS }, { FunctionName });
    return 'created';
  }
  await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: deployment.zip }));
  await updated();
  await client.send(new UpdateFunctionConfigurationCommand(configuration));
  await updated();
  return 'updated';
}

async function exists(client: LambdaClient, FunctionName: string): Promise<boolean> {
  try {
    await client.send(new GetFunctionCommand({ FunctionName }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}
