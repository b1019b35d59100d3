import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, sleep } from '@lambent/core';
import { readEndpointFile } from '@lambent/daemon';
import { tiedToThisProcess } from '@lambent/engines';
import { MAIN } from '../project.ts';
import type { MemberPart } from './cluster-file.ts';
import { type PartEnd, PartNotServing, type RunningPart } from './running-part.ts';

export interface MemberProcessOptions {
  readonly part: MemberPart;
  /** Its settings. */
  readonly env: NodeJS.ProcessEnv;
  readonly args: readonly string[];
  /** How long it may take to finish when it is told to; then it is killed. */
  readonly drainTimeoutMs: number;
  readonly clock: Clock;
}

/** Short beside what a start takes, and nothing to the disk. */
const ENDPOINT_POLL_MS = 50;

/**
 * Starts a member and resolves once it serves; rejects with `PartNotServing` when it ends instead. Aborting
 * `stopping` meanwhile ends it. It dies with this process, however that ends, and what it logs goes where this
 * process's does.
 */
export async function startMember(
  options: MemberProcessOptions,
  stopping: AbortSignal,
): Promise<RunningPart> {
  const { part, drainTimeoutMs, clock } = options;
  const child = spawnTied(options);
  const ended = endOf(child);
  const stop = async () => {
    child.kill('SIGTERM');
    using _ = clock.setTimer(drainTimeoutMs, () => child.kill('SIGKILL'));
    await ended;
  };
  const onStopping = () => void stop();
  stopping.addEventListener('abort', onStopping, { once: true });
  try {
    await serving(part.data, child, ended, clock);
  } finally {
    stopping.removeEventListener('abort', onStopping);
  }
  return { life: { pid: child.pid ?? 0 }, ended, stop };
}

function spawnTied({ part, args, env }: MemberProcessOptions): ChildProcess {
  const lambent = [process.execPath, MAIN, part.role, ...args];
  const [command, ...rest] = [...tiedToThisProcess(), ...lambent] as [string, ...string[]];
  // In a group of its own: a Ctrl-C in the terminal reaches the supervisor alone, who decides what stops first.
  const child = spawn(command, rest, { env, stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.removeListener('exit', killAtExit));
  return child;
}

function endOf(child: ChildProcess): Promise<PartEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<PartEnd>();
  child.once('exit', (status, signal) => resolve({ status, signal }));
  child.once('error', error => {
    if (child.pid === undefined) reject(error);
  });
  return promise;
}

/** What a ready member leaves in its directory names its process; one left behind by an earlier life names another. */
async function serving(
  directory: string,
  child: ChildProcess,
  ended: Promise<PartEnd>,
  clock: Clock,
): Promise<void> {
  const done = new AbortController();
  const end = ended.finally(() => done.abort());
  while (!done.signal.aborted) {
    if ((await readEndpointFile(directory))?.pid === child.pid) return;
    await sleep(clock, ENDPOINT_POLL_MS, { signal: done.signal }).catch(() => undefined);
  }
  throw new PartNotServing(await end);
}
