import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { Clock } from '@lambent/core';
import { DeployedFunctions } from '../load/deployed-functions.ts';
import { Installation } from '../load/installation.ts';
import { expectEcho } from '../load/outcome.ts';
import type { Target } from '../load/target.ts';

const FUNCTION = 'bench-echo';
/** One whole virtual CPU, as AWS gives it. */
const MEMORY_MB = 1_769;

/** Acts only when a program starts, and changes nothing of note: such a function is not given what waits. */
const UNPOOLED = { MALLOC_CHECK_: '0' };

export interface Engine extends AsyncDisposable {
  readonly target: Target;
  /** Makes every environment there is stale, so that the next invocation is a cold one: from a pool, or a whole start. */
  readonly chill: (options: { readonly pooled: boolean }) => Promise<void>;
}

export interface EngineOptions {
  readonly event: Uint8Array;
  readonly connectionsMax: number;
  readonly patienceMs: number;
  readonly clock: Clock;
}

/** `lambent up` with a function that gives its event back. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  await using stack = new AsyncDisposableStack();
  const installation = stack.use(await Installation.startUp());
  const { client } = installation;
  const plan = { name: FUNCTION, runtime: 'nodejs24.x', memoryMb: MEMORY_MB, timeoutSeconds: 30 } as const;
  stack.use(await DeployedFunctions.deploy(client, [plan]));
  const judge = expectEcho(options.event);
  const target = stack.use(
    await installation.open('http', { ...options, name: 'engine', functionNames: [FUNCTION], judge }),
  );
  let turn = 0;
  const opened = stack.move();
  return {
    target,
    async chill({ pooled }) {
      await client.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: FUNCTION,
          Description: `turn ${++turn}`,
          Environment: { Variables: pooled ? {} : UNPOOLED },
        }),
      );
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
