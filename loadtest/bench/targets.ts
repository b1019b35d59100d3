import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import {
  CreateFunctionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { startLambent, zipOf } from '@lambent/testing';
import type { Target } from './callers.ts';

/** One thing under measurement: where it is called and whose CPU it uses. */
export interface Measured extends AsyncDisposable {
  readonly target: Target;
  readonly pid: number;
}

const FUNCTION = 'bench-echo';
const HANDLER = 'export const handler = async event => event;\n';
/** One whole virtual CPU, as AWS gives it. */
const MEMORY_MB = 1_769;

/** A floor in a process of its own, which prints its port when it serves. */
export async function startFloor(file: string): Promise<Measured> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '..', 'floors', file)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return {
    target: { origin: `http://127.0.0.1:${line.toString().trim()}`, path: '/' },
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: () => ended(child),
  };
}

/** The engine with an echo function. */
export interface Engine extends Measured {
  /** Makes every environment there is stale, so that the next invocation is a cold one. */
  chill(): Promise<void>;
}

export async function startEngine(): Promise<Engine> {
  const lambent = await startLambent({});
  const client = lambent.client();
  await client.send(
    new CreateFunctionCommand({
      FunctionName: FUNCTION,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/bench',
      MemorySize: MEMORY_MB,
      Timeout: 30,
      Code: { ZipFile: await zipOf({ 'index.mjs': HANDLER }) },
    }),
  );
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 30, minDelay: 1 }, { FunctionName: FUNCTION });
  let turn = 0;
  return {
    target: { origin: lambent.url, path: `/2015-03-31/functions/${FUNCTION}/invocations` },
    pid: lambent.pid,
    async chill() {
      await client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, Description: `turn ${++turn}` }),
      );
    },
    [Symbol.asyncDispose]: () => lambent[Symbol.asyncDispose](),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.disconnect();
  child.kill();
  await once(child, 'exit');
}
