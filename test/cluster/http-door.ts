import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { PrivateHost } from './private-network.ts';
import type { Door } from './steady-load.ts';

const PORT = 9_000;
/** Longer than a call may wait and run: nobody waits for ever. */
const PATIENCE_MS = 40_000;

/** AWS's own client of one gateway, which tries nothing again by itself and keeps its connections. */
export function openLambdaClient(gateway: PrivateHost): LambdaClient {
  return new LambdaClient({
    endpoint: `http://${gateway.address}:${PORT}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: PATIENCE_MS, throwOnRequestTimeout: true },
  });
}

/** Invoking over the AWS API. */
export class HttpDoor implements Door {
  readonly name: string;
  readonly gateway: string;
  readonly kind: 'sync' | 'async';
  readonly #client: LambdaClient;
  readonly #call: (key: string) => InvokeCommand;

  constructor(
    client: LambdaClient,
    options: { gateway: string; kind: 'sync' | 'async'; functionName: string; holdMs: number },
  ) {
    const { gateway, kind, functionName: FunctionName, holdMs } = options;
    this.name = `http-${kind}-${gateway}`;
    this.gateway = gateway;
    this.kind = kind;
    this.#client = client;
    const InvocationType = kind === 'sync' ? 'RequestResponse' : 'Event';
    this.#call = key =>
      new InvokeCommand({
        FunctionName,
        InvocationType,
        Payload: Buffer.from(JSON.stringify({ key, holdMs })),
      });
  }

  async send(key: string): Promise<void> {
    const { StatusCode, FunctionError, Payload } = await this.#client.send(this.#call(key));
    if (this.kind === 'async') {
      if (StatusCode !== 202) throw new Error(`status ${StatusCode}`);
      return;
    }
    const body = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined || JSON.parse(body) !== key) throw new WrongAnswer(body);
  }
}

/** What was answered is not what this call's function gives. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}
