import { execFile } from 'node:child_process';
import { access, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * What a process and everything below it occupies on this machine, by the kernel's own account: the processes, the
 * cgroups made for them, their network interfaces on our side and the packet filters that speak of these, and mounts
 * that name the data directory. It knows nothing of how Lambent names them, so it cannot be blind where Lambent errs.
 */
export class Footprint {
  readonly #dataDirectory: string;
  /** Process id → start time, since ids are used again. */
  readonly #processes = new Map<number, string>();
  readonly #cgroups = new Set<string>();
  /** Name → index: names are used again, an index is not. */
  readonly #interfaces = new Map<string, number>();

  private constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
  }

  /** Takes the footprint of `pid` and all its descendants as they are now. */
  static async of(pid: number, dataDirectory: string): Promise<Footprint> {
    const footprint = new Footprint(dataDirectory);
    const own = new Set(await cgroupsOf('self'));
    const ownNetwork = await networkOf('self');
    const networks = new Map<string, number>();
    for (const { id, startTime } of descendants(pid, await allProcesses())) {
      footprint.#processes.set(id, startTime);
      for (const cgroup of await cgroupsOf(id)) if (!own.has(cgroup)) footprint.#cgroups.add(cgroup);
      const network = await networkOf(id);
      if (network && network !== ownNetwork) networks.set(network, id);
    }
    for (const id of networks.values()) {
      for (const { ifname, ifindex } of await outerInterfaces(id)) footprint.#interfaces.set(ifname, ifindex);
    }
    return footprint;
  }

  /** How many processes it covers. */
  get processes(): number {
    return this.#processes.size;
  }

  /** What of it is still there, one line each; nothing when all is gone. */
  async remaining(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const { id, startTime, name } of await allProcesses()) {
      if (this.#processes.get(id) === startTime) left.push(`process ${id} ${name}`);
    }
    for (const cgroup of this.#cgroups) if (await exists(cgroup)) left.push(`cgroup ${cgroup}`);
    for (const [name, index] of this.#interfaces) {
      const now = await readFile(`/sys/class/net/${name}/ifindex`, 'utf8').catch(() => '');
      if (Number(now) === index) left.push(`interface ${name}`);
    }
    for (const filter of await filtersOf([...this.#interfaces.keys()])) left.push(`packet filter ${filter}`);
    const mounts = await readFile('/proc/self/mountinfo', 'utf8');
    for (const line of mounts.split('\n')) {
      if (line.includes(this.#dataDirectory)) left.push(`mount ${line}`);
    }
    return left;
  }
}

interface ProcessEntry {
  readonly id: number;
  readonly parent: number;
  readonly startTime: string;
  readonly name: string;
}

async function allProcesses(): Promise<ProcessEntry[]> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const entries = await Promise.all(ids.map(readProcess));
  return entries.filter(entry => entry !== undefined);
}

/** Undefined for one that has ended meanwhile, and for a zombie, which holds nothing but its number. */
async function readProcess(id: string): Promise<ProcessEntry | undefined> {
  const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  // The name stands in parentheses and may hold anything, so the fields are counted from the last one.
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(' ');
  const [state, parent] = fields;
  const startTime = fields[19];
  if (state === undefined || state === 'Z' || startTime === undefined) return undefined;
  return {
    id: Number(id),
    parent: Number(parent),
    startTime,
    name: stat.slice(stat.indexOf('('), close + 1),
  };
}

function descendants(root: number, all: readonly ProcessEntry[]): ProcessEntry[] {
  const found = all.filter(entry => entry.id === root);
  for (const known of found) found.push(...all.filter(entry => entry.parent === known.id));
  return found;
}

/** The folders under /sys/fs/cgroup of a process's cgroups, in whichever hierarchies the machine has. */
async function cgroupsOf(id: number | 'self'): Promise<string[]> {
  const lines = await readFile(`/proc/${id}/cgroup`, 'utf8').catch(() => '');
  const folders: string[] = [];
  for (const line of lines.trim().split('\n')) {
    const [, controllers = '', ...rest] = line.split(':');
    const group = rest.join(':');
    if (group === '/' || group === '') continue;
    const hierarchies = controllers === '' ? ['.', 'unified'] : [controllers.replace('name=', '')];
    for (const hierarchy of hierarchies) {
      const folder = path.join('/sys/fs/cgroup', hierarchy, group);
      if (await exists(folder)) folders.push(folder);
    }
  }
  return folders;
}

async function networkOf(id: number | 'self'): Promise<string | undefined> {
  return readlink(`/proc/${id}/ns/net`).catch(() => undefined);
}

/** As `ip -json link` tells it. */
interface Interface {
  readonly ifindex: number;
  readonly ifname: string;
}

/** Our ends of the veth pairs whose other ends are in the network namespace of `id`. */
async function outerInterfaces(id: number): Promise<Interface[]> {
  const inside = await execute('nsenter', ['--target', String(id), '--net', 'ip', '-json', 'link']).catch(
    () => ({ stdout: '[]' }), // It has ended meanwhile, and its network with it.
  );
  const peers = new Set(
    (JSON.parse(inside.stdout) as { link_index?: number }[]).map(({ link_index }) => link_index),
  );
  const outside = await execute('ip', ['-json', 'link']);
  return (JSON.parse(outside.stdout) as Interface[]).filter(({ ifindex }) => peers.has(ifindex));
}

/** The tables of nftables with a rule for one of these interfaces, by name or by a pattern that ends in a star. */
async function filtersOf(interfaces: readonly string[]): Promise<string[]> {
  if (interfaces.length === 0) return [];
  const { stdout } = await execute('nft', ['list', 'ruleset']);
  const speaksOfOurs = (table: string) =>
    [...table.matchAll(/"([^"*]+)(\*?)"/g)].some(([, name = '', star]) =>
      interfaces.some(ours => (star ? ours.startsWith(name) : ours === name)),
    );
  const tables = stdout.split(/^table /m).filter(speaksOfOurs);
  return tables.map(table => table.slice(0, table.indexOf(' {')));
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
