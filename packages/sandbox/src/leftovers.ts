import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@lambent/core';
import { cgroupRootsOf, removeCgroupRoots } from './cgroups.ts';
import { takeEveryStep } from './every-step.ts';
import { removeMounts } from './late-mounts.ts';
import { Owner } from './owner.ts';
import { endLeftGroups, GROUPS } from './plain-starter.ts';
import { removeOutbound } from './veth-outbound.ts';

export interface SweepOptions {
  readonly ownerId: string;
  readonly runDirectory: string;
  readonly clock: Clock;
}

/** Names the cgroup roots of whoever used the run directory last: another start may have another cgroup. */
const CGROUP_ROOTS = 'cgroup-roots';

/** Writes down, before the first sandbox, what a later sweep cannot find out by itself. */
export async function recordCgroupRoots(runDirectory: string, roots: readonly string[]): Promise<void> {
  await writeFile(path.join(runDirectory, CGROUP_ROOTS), roots.map(root => `${root}\n`).join(''));
}

/** What tells a sweep where to look; kept until one has succeeded. */
const RECORDS: readonly string[] = [CGROUP_ROOTS, GROUPS];

/**
 * Ends and removes everything that an earlier run of this owner left behind: processes, cgroups, the way out of
 * their networks, files. Only for who knows that no such run is alive; gives what was there, one line each. What cannot
 * be removed keeps nothing else from it; it is thrown at the end.
 */
export async function sweepLeftovers({ ownerId, runDirectory, clock }: SweepOptions): Promise<string[]> {
  const removed = await takeEveryStep([
    () => removeLeftCgroups(ownerId, runDirectory, clock),
    () => endLeftGroups(runDirectory, clock),
    () => removeLeftOutbound(ownerId),
    () => removeLeftMounts(runDirectory),
    () => removeLeftFiles(runDirectory),
  ]);
  await rm(runDirectory, { recursive: true, force: true });
  await mkdir(runDirectory, { recursive: true, mode: 0o700 });
  return removed;
}

async function removeLeftCgroups(ownerId: string, runDirectory: string, clock: Clock): Promise<string[]> {
  const recorded = await readFile(path.join(runDirectory, CGROUP_ROOTS), 'utf8').catch(() => '');
  const roots = new Set([...recorded.split('\n').filter(Boolean), ...(await cgroupRootsOf(ownerId))]);
  return (await removeCgroupRoots([...roots], clock)).map(directory => `cgroup ${directory}`);
}

async function removeLeftOutbound(ownerId: string): Promise<string[]> {
  const laid = process.platform === 'linux' && process.getuid?.() === 0;
  return laid ? removeOutbound(new Owner(ownerId)) : [];
}

async function removeLeftMounts(runDirectory: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  return (await removeMounts(runDirectory)).map(directory => `mount ${directory}`);
}

/** Files are not worth a line: every run has some. Below what is still mounted lies what is not the run's to remove. */
async function removeLeftFiles(runDirectory: string): Promise<string[]> {
  const names = await readdir(runDirectory).catch(() => []);
  for (const name of names.filter(other => !RECORDS.includes(other)))
    await rm(path.join(runDirectory, name), { recursive: true, force: true });
  return [];
}
