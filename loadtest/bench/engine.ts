import { type LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { tiedToThisProcess } from '@lambent/engines';
import { startLambent } from '@lambent/testing';
import { request } from 'undici';
import { cpuUsOf } from '../load/cpu.ts';
import { DeployedFunctions } from '../load/deployed-functions.ts';
import { openLambdaTarget } from '../load/http-target.ts';
import { expectEcho } from '../load/outcome.ts';
import type { Target } from '../load/target.ts';
import { metricIn } from './exposition.ts';

const FUNCTION = 'bench-echo';
/** One whole virtual CPU, as AWS gives it. */
const MEMORY_MB = 1_769;

/** `lambent up` with a function that gives its event back. */
export interface Engine extends AsyncDisposable {
  readonly pid: number;
  readonly client: LambdaClient;
  readonly functionName: string;
  readonly target: Target;
  /** Another way to that function, with another event, or to another function. */
  open(
    event: Uint8Array,
    options?: { readonly functionName?: string; readonly connectionsMax?: number },
  ): Target;
  /** Makes every environment there is stale, so that the next invocation is a cold one. */
  chill(): Promise<void>;
  /** What it tells of itself now: the sum of a metric's values. */
  metric(name: string): Promise<number>;
}

export interface EngineOptions {
  readonly event: Uint8Array;
  readonly connectionsMax: number;
  readonly patienceMs: number;
  readonly memoryMb?: number;
  /** Settings other than its own. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { env = {}, memoryMb = MEMORY_MB, patienceMs } = options;
  await using stack = new AsyncDisposableStack();
  const lambent = stack.use(await startLambent({ env, enter: tiedToThisProcess() }));
  const client = lambent.client();
  const plan = { name: FUNCTION, runtime: 'nodejs24.x', memoryMb, timeoutSeconds: 30 } as const;
  stack.use(await DeployedFunctions.deploy(client, [plan]));
  const open: Engine['open'] = (
    event,
    { functionName = FUNCTION, connectionsMax = options.connectionsMax } = {},
  ) =>
    openLambdaTarget({
      name: 'engine',
      origin: lambent.url,
      functionNames: [functionName],
      event,
      judge: expectEcho(event),
      connectionsMax,
      patienceMs,
      cpuUs: () => cpuUsOf(lambent.pid),
    });
  const target = stack.use(open(options.event));
  let turn = 0;
  const opened = stack.move();
  return {
    pid: lambent.pid,
    client,
    functionName: FUNCTION,
    target,
    open,
    async chill() {
      await client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, Description: `turn ${++turn}` }),
      );
    },
    async metric(name) {
      const { body } = await request(`${lambent.adminUrl}/metrics`);
      return metricIn(await body.text(), name);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
