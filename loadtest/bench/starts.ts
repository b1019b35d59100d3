import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Clock } from '@lambent/core';

export type Command = readonly [string, ...string[]];

/** How long a program takes to start and end, in milliseconds. */
export async function startMs([program, ...args]: Command, clock: Clock): Promise<number> {
  const beginMs = clock.monotonicMs();
  const [status] = await once(spawn(program, args, { stdio: 'ignore' }), 'exit');
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
  return clock.monotonicMs() - beginMs;
}

/** How many of a program start and end in a second when there is never nothing to do: what the CPU allows. */
export async function startsPerSecond(command: Command, { times, clock }: { times: number; clock: Clock }) {
  const waiting = Array.from({ length: times }).keys();
  const lane = async () => {
    for (const _ of waiting) await startMs(command, clock);
  };
  const beginMs = clock.monotonicMs();
  await Promise.all(Array.from({ length: availableParallelism() * LANES_PER_CORE }, lane));
  return times / ((clock.monotonicMs() - beginMs) / 1_000);
}

/** A second one has the core while the first waits for the disk or for its parent. */
const LANES_PER_CORE = 2;

/** A program in the barest sandbox. */
export function confined(...args: readonly string[]): Command {
  return [
    'bwrap',
    ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--die-with-parent'],
    ...['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...['--ro-bind', process.execPath, '/tmp/node', '/tmp/node', ...args],
  ];
}

/** The engine's runtime alone, and confined. */
export const NODE: Command = [process.execPath, '-e', '0'];
export const CONFINED_NODE = confined('-e', '0');
