import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type ResponseSink, SystemClock } from '@lambent/core';
import { AHEAD_VARIABLE, assign, awaitBooted } from './assignment.ts';
import { openFrameChannel } from './frame-channel.ts';
import { findInterpreters, PYTHON } from './interpreter.ts';
import type { ResponseLimits, RuntimeAnswer, RuntimeChannel } from './runtime-channel.ts';

/**
 * One of Lambent's own bootstraps as a plain child process with the descriptors a sandbox would give it, for tests
 * and measurements. Unconfined: never for code that is not our own.
 */
export interface SpawnedRuntime extends AsyncDisposable {
  readonly channel: RuntimeChannel;
  readonly child: ChildProcess;
  /** What came over the channel as log records, in order. */
  readonly records: readonly string[];
  /** What went to the pipes of stdout and stderr. */
  readonly printed: { readonly stdout: string; readonly stderr: string };
  readonly exited: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Invokes with `payload` as JSON. */
  invoke(
    payload: unknown,
    options?: {
      readonly requestId?: string;
      readonly traceHeader?: string;
      readonly clientContext?: string;
      readonly sink?: ResponseSink;
    },
  ): Promise<RuntimeAnswer>;
}

export interface SpawnOptions {
  readonly command: readonly [string, ...string[]];
  /** Directory of the function's code. */
  readonly code: string;
  readonly handler: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly snapStart?: boolean;
  readonly limits?: ResponseLimits;
}

export function spawnRuntime(options: SpawnOptions): SpawnedRuntime {
  return watch(spawnBootstrap(options.command, environmentOf(options), options.code), options);
}

/** The same, but started before anything of the function is known. */
export async function spawnRuntimeAhead(options: SpawnOptions): Promise<SpawnedRuntime> {
  const child = spawnBootstrap(options.command, { [AHEAD_VARIABLE]: '1' }, '/');
  const channel = child.stdio[4] as unknown as Duplex;
  await awaitBooted(channel);
  assign(channel, environmentOf(options));
  return watch(child, options);
}

function environmentOf({ code, handler, environment, snapStart }: SpawnOptions): Record<string, string> {
  const initializationType = snapStart ? 'snap-start' : 'on-demand';
  return {
    ...ENVIRONMENT,
    LAMBDA_TASK_ROOT: code,
    _HANDLER: handler,
    AWS_LAMBDA_INITIALIZATION_TYPE: initializationType,
    ...environment,
  };
}

function spawnBootstrap(
  [program, ...args]: SpawnOptions['command'],
  env: Readonly<Record<string, string>>,
  cwd: string,
): ChildProcess {
  return spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'] });
}

function watch(child: ChildProcess, { snapStart = false, limits }: SpawnOptions): SpawnedRuntime {
  const records: string[] = [];
  const printed = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const channel = openFrameChannel({
    channel: child.stdio[4] as unknown as Duplex,
    logSink: record => records.push(record),
    clock: new SystemClock(),
    snapStart,
    ...(limits && { limits }),
  });
  const exited = once(child, 'close').then(([status, signal]) => ({ status, signal }));
  return {
    channel,
    child,
    records,
    printed,
    exited,
    async invoke(payload, { requestId = REQUEST_ID, traceHeader, clientContext, sink } = {}) {
      await channel.ready;
      const event = {
        requestId,
        payload: Buffer.from(JSON.stringify(payload)),
        deadlineEpochMs: DEADLINE_EPOCH_MS,
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:tried',
        ...(traceHeader !== undefined && { traceHeader }),
        ...(clientContext !== undefined && { clientContext }),
      };
      return await channel.invoke(event, sink);
    },
    async [Symbol.asyncDispose]() {
      channel[Symbol.dispose]();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export const REQUEST_ID = '7d2b7a0f-3f0e-4e0a-9d9c-1d1a7c1e5b11';
/** Far in the future, so that time is left. */
const DEADLINE_EPOCH_MS = 32_503_680_000_000;
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  PYTHONDONTWRITEBYTECODE: '1',
  AWS_LAMBDA_FUNCTION_NAME: 'tried',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
  AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/tried',
  AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef',
};

/** The kinds of Node.js to try: this one, and one from before callbacks were removed where PATH has it. */
export function nodesHere(): readonly { title: string; node: string; hasCallbacks: boolean }[] {
  const older = (process.env['PATH'] ?? '')
    .split(':')
    .map(askNode)
    .find(found => found.major >= 20 && found.major < 24);
  return [
    { title: 'Node.js 24', node: process.execPath, hasCallbacks: false },
    ...(older ? [{ title: 'Node.js before 24', node: older.path, hasCallbacks: true }] : []),
  ];
}

function askNode(directory: string): { readonly path: string; readonly major: number } {
  try {
    const asked = execFileSync(
      `${directory}/node`,
      ['-p', 'process.execPath + " " + process.versions.node'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const [path = '', version = ''] = asked.trim().split(' ');
    return { path, major: Number.parseInt(version, 10) };
  } catch {
    return { path: '', major: 0 };
  }
}

/** The oldest and the newest Python of PATH that the bootstrap runs on. */
export async function pythonsHere(): Promise<
  readonly { title: string; python: string; identifier: string }[]
> {
  const found = (await findInterpreters(PYTHON, process.env['PATH'] ?? ''))
    .map(({ version, binary }) => ({
      minor: Number(version.split('.')[1]),
      title: `Python ${version}`,
      python: binary,
    }))
    .filter(({ minor }) => minor >= 9)
    .sort((left, right) => left.minor - right.minor)
    .map(({ minor, ...rest }) => ({ ...rest, identifier: `python3.${minor}` }));
  return [...new Set([found[0], found.at(-1)].filter(python => python !== undefined))];
}

export function nodeCommand(node: string = process.execPath): readonly [string, string] {
  return [node, fileURLToPath(new URL('../gen/node/index.cjs', import.meta.url))];
}

export function pythonCommand(python: string): readonly [string, string] {
  return [python, fileURLToPath(new URL('../python/bootstrap.py', import.meta.url))];
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

/** The body of a response. */
export function bodyOf(answer: RuntimeAnswer): string {
  assert.equal(answer.kind, 'response', JSON.stringify(answer));
  return Buffer.from((answer as Extract<RuntimeAnswer, { kind: 'response' }>).payload).toString();
}

/** The error document of an answer. */
export function errorOf(answer: RuntimeAnswer): Record<string, unknown> {
  assert.equal(answer.kind, 'error', JSON.stringify(answer));
  return JSON.parse(Buffer.from((answer as Extract<RuntimeAnswer, { kind: 'error' }>).payload).toString());
}
