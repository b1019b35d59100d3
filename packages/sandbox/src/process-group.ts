import { readdirSync, readFileSync } from 'node:fs';
import { type Clock, sleep } from '@lambent/core';
import { runOnHost } from './host-command.ts';

/** False when there is no such process any more. A negative number names a process group. */
export function signalQuietly(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** The kernel takes processes down in milliseconds; what is there after this is stuck in the kernel. */
const GONE_WITHIN_MS = 4_000;
const POLL_MS = 3;

/** Kills until nothing of the group lives. A process that leaves its group is not met by this: cgroups are. */
export async function endProcessGroup(leader: number, clock: Clock): Promise<void> {
  await untilGone(() => signalQuietly(-leader, 'SIGKILL') && groupLives(leader), clock);
}

/** Waits, for a bounded time, until `alive` says no. */
export async function untilGone(alive: () => boolean, clock: Clock): Promise<void> {
  const giveUpAtMs = clock.monotonicMs() + GONE_WITHIN_MS;
  while (alive() && clock.monotonicMs() < giveUpAtMs) await sleep(clock, POLL_MS);
}

/** A process that has ended and was not reaped yet, which process 1 does in its own time, lives no more. */
export function lives(pid: number): boolean {
  const process = processStat(pid);
  return process !== undefined && !ENDED.includes(process.state);
}

/** What tells a process from a later one of the same number; undefined when there is none. */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return processStat(pid)?.start;
  return runOnHost(['ps', '-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
}

/** The states of a zombie and of what is about to vanish. */
const ENDED = ['Z', 'X'];

function groupLives(leader: number): boolean {
  // Elsewhere whoever answered the signal has to do as a sign of life.
  if (process.platform !== 'linux') return true;
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids.some(pid => processStat(Number(pid))?.group === String(leader) && lives(Number(pid)));
}

function processStat(pid: number): { state: string; group: string; start: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything, so fields are counted from its end; the state is the third.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: fields[2] ?? '', start: fields[19] ?? '' };
  } catch {
    // There is no such process.
    return undefined;
  }
}
