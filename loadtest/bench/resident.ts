import { readdirSync, readFileSync } from 'node:fs';

/** A process and all below it, itself first. */
export function treeOf(root: number): readonly number[] {
  const children = Map.groupBy(allProcesses(), ({ parent }) => parent);
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []).map(child => child.pid));
  return found;
}

/** The processes below `root` that are in other cgroups than it, by cgroup, in whichever hierarchies there are. */
export function cgroupsBelow(root: number): ReadonlyMap<string, readonly number[]> {
  const own = read(root, 'cgroup');
  const groups = Map.groupBy(treeOf(root), pid => read(pid, 'cgroup'));
  groups.delete(own);
  // Those that ended between the listing and the reading.
  groups.delete('');
  return groups;
}

/** Proportional set size: what is shared counts for each of its sharers in part. */
export function pssKb(pids: readonly number[]): number {
  return pids.map(pid => pssOf(read(pid, 'smaps_rollup'))).reduce((sum, kb) => sum + kb, 0);
}

/** From the text of a process's `smaps_rollup`; 0 for one that has ended. */
export function pssOf(rollup: string): number {
  return Number(/^Pss: +(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
}

function allProcesses(): readonly { readonly pid: number; readonly parent: number }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => ({ pid: Number(name), parent: parentOf(read(Number(name), 'stat')) }));
}

/** The name stands in parentheses and may hold anything, so fields are counted from the last one. */
function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has ended meanwhile, and occupies nothing.
    return '';
  }
}
