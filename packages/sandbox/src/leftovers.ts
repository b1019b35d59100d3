import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@lambent/core';
import { cgroupRootsOf, removeCgroupRoots } from './cgroups.ts';
import { Owner } from './owner.ts';
import { endLeftGroups } from './plain-starter.ts';
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

/**
 * Ends and removes everything that an earlier run of this owner left behind: processes, cgroups, the way out of
 * their networks, files. Only for who knows that no such run is alive; gives what was there, one line each.
 */
export async function sweepLeftovers({ ownerId, runDirectory, clock }: SweepOptions): Promise<string[]> {
  const owner = new Owner(ownerId);
  const recorded = await readFile(path.join(runDirectory, CGROUP_ROOTS), 'utf8').catch(() => '');
  const roots = new Set([...recorded.split('\n').filter(Boolean), ...(await cgroupRootsOf(ownerId))]);
  const removed = (await removeCgroupRoots([...roots], clock)).map(directory => `cgroup ${directory}`);
  removed.push(...(await endLeftGroups(runDirectory, clock)));
  if (process.platform === 'linux' && process.getuid?.() === 0)
    removed.push(...(await removeOutbound(owner)));
  await rm(runDirectory, { recursive: true, force: true });
  await mkdir(runDirectory, { recursive: true, mode: 0o700 });
  return removed;
}
