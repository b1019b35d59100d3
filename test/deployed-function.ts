import { randomUUID } from 'node:crypto';
import {
  CreateFunctionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  type LambdaClient,
  type Runtime,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { type Files, zipOf } from '@lambent/testing';

/** Any well-formed role will do. */
export const ROLE = 'arn:aws:iam::000000000000:role/test';
/** Waiters of AWS's clients wait whole seconds by default; here a state is reached in a few milliseconds. */
export const WAIT = { maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.2 };
/** Files of custom runtimes must be executable. */
const EXECUTABLE = 0o100755;

export interface FunctionPlan {
  readonly files: Files;
  readonly name?: string;
  readonly runtime?: Runtime;
  readonly handler?: string;
  readonly timeoutSeconds?: number;
  readonly memoryMb?: number;
  readonly variables?: Record<string, string>;
  readonly layers?: readonly string[];
  /** Each tenant has environments of its own. */
  readonly perTenant?: boolean;
}

/** What an invocation gave back, read out of its headers and body. */
export interface Answer {
  readonly status: number | undefined;
  /** The parsed body; undefined when there is none. */
  readonly payload: unknown;
  /** X-Amz-Function-Error. */
  readonly functionError: string | undefined;
  /** The tail of the log, when it was asked for. */
  readonly log: string;
  readonly version: string | undefined;
  readonly requestId: string;
}

/** A function that a test made and that is active. */
export class DeployedFunction {
  readonly name: string;
  readonly #client: LambdaClient;

  constructor(client: LambdaClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  async invoke(event: unknown = {}, options: Partial<InvokeCommandInput> = {}): Promise<Answer> {
    return this.#send({ Payload: Buffer.from(JSON.stringify(event)), ...options });
  }

  /** Invokes it with a request that has no body. */
  async invokeWithoutBody(): Promise<Answer> {
    return this.#send({});
  }

  async #send(input: Partial<InvokeCommandInput>): Promise<Answer> {
    const output = await this.#client.send(
      new InvokeCommand({ FunctionName: this.name, LogType: 'Tail', ...input }),
    );
    const body = Buffer.from(output.Payload ?? []).toString();
    return {
      status: output.StatusCode,
      payload: body === '' ? undefined : JSON.parse(body),
      functionError: output.FunctionError,
      log: Buffer.from(output.LogResult ?? '', 'base64').toString(),
      version: output.ExecutedVersion,
      requestId: output.$metadata.requestId ?? '',
    };
  }
}

/** Creates a function and waits until it is active. Node.js unless the plan says otherwise. */
export async function deploy(client: LambdaClient, plan: FunctionPlan): Promise<DeployedFunction> {
  const name = plan.name ?? `f-${randomUUID().slice(0, 8)}`;
  await client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: ROLE,
      Runtime: plan.runtime ?? 'nodejs24.x',
      Handler: plan.handler ?? 'index.handler',
      Code: { ZipFile: await zipOf(plan.files, { mode: EXECUTABLE }) },
      Timeout: plan.timeoutSeconds ?? 5,
      MemorySize: plan.memoryMb ?? 128,
      ...(plan.variables && { Environment: { Variables: plan.variables } }),
      ...(plan.layers && { Layers: [...plan.layers] }),
      ...(plan.perTenant && { TenancyConfig: { TenantIsolationMode: 'PER_TENANT' } }),
    }),
  );
  await waitUntilFunctionActiveV2({ client, ...WAIT }, { FunctionName: name });
  return new DeployedFunction(client, name);
}
