import { readFile, writeFile } from 'node:fs/promises';
import { takeEveryStep } from './every-step.ts';
import { runOnHost } from './host-command.ts';
import { outboundRules, outboundTable } from './outbound-rules.ts';
import type { Owner } from './owner.ts';

export interface OutboundOptions {
  readonly owner: Owner;
  /** Addresses and ranges that no sandbox may reach, besides those that none ever may. */
  readonly denied: readonly string[];
  /** Reachable on port 53 even where they are link-local, as in some clouds. */
  readonly nameservers: readonly string[];
}

/**
 * The way out of the sandboxes' own networks, where the worker is root: one veth pair per sandbox, point to point,
 * behind one address translation, under the rules of one nftables table. IPv4 only.
 */
export class VethOutbound {
  readonly #owner: Owner;
  readonly #prefix: string;

  private constructor(owner: Owner, prefix: string) {
    this.#owner = owner;
    this.#prefix = prefix;
  }

  /** Takes an address range that is free on this machine, and lays the rules. */
  static async open(options: OutboundOptions): Promise<VethOutbound> {
    const { owner } = options;
    try {
      const outbound = new VethOutbound(owner, await claimPrefix(owner));
      const input = outboundRules({ ...options, range: outbound.range, interfaces: interfacesOf(owner) });
      await runOnHost(['nft', '-f', '-'], { input });
      await forwardPackets();
      return outbound;
    } catch (error) {
      await removeOutbound(owner);
      throw error;
    }
  }

  /** "100.77.0.0/16". */
  get range(): string {
    return `${this.#prefix}.0.0/16`;
  }

  /** The address of the sandbox in `slot`. */
  addressOf(slot: number): string {
    const offset = slot + FIRST_SANDBOX;
    return `${this.#prefix}.${offset >> 8}.${offset & 255}`;
  }

  /** Joins the network namespace of process `pid` to the world. */
  async connect(slot: number, pid: number): Promise<void> {
    const name = interfacesOf(this.#owner) + slot;
    const [host, address] = [`${this.#prefix}.0.1`, this.addressOf(slot)];
    const outside = [
      `link add ${name} type veth peer name eth0 netns ${pid}`,
      // Else both ends would get IPv6 link-local addresses.
      `link set ${name} addrgenmode none`,
      `address add ${host} peer ${address} dev ${name}`,
      `link set ${name} up`,
    ];
    const inside = [
      'link set eth0 addrgenmode none',
      `address add ${address} peer ${host} dev eth0`,
      'link set eth0 up',
      `route add default via ${host}`,
    ];
    const lines = [outside, inside].map(batch => batch.map(line => `${line}\n`).join(''));
    await runOnHost(['/bin/sh', '-ec', CONNECT, 'sh', ...lines, `/proc/${pid}/ns/net`]);
  }

  /** Idempotent. The kernel removes a pair with the namespace of its other end, but takes its time. */
  async disconnect(slot: number): Promise<void> {
    await deleteInterface(interfacesOf(this.#owner) + slot);
  }

  async close(): Promise<void> {
    await removeOutbound(this.#owner);
  }
}

/** Removes all that an owner's outbound network consists of; gives what was there. */
export async function removeOutbound(owner: Owner): Promise<string[]> {
  return takeEveryStep([removeInterfaces, removeRoutes, removeTable].map(remove => () => remove(owner)));
}

async function removeInterfaces(owner: Owner): Promise<string[]> {
  const names = (await interfaceNames()).filter(name => name.startsWith(interfacesOf(owner)));
  for (const name of names) await deleteInterface(name);
  return names.map(name => `interface ${name}`);
}

async function removeRoutes(owner: Owner): Promise<string[]> {
  const routes = (await unreachableRoutes()).filter(({ metric }) => metric === owner.number);
  for (const { dst } of routes)
    await runOnHost(['ip', 'route', 'delete', 'unreachable', dst, 'metric', String(owner.number)]);
  return routes.map(({ dst }) => `route ${dst}`);
}

async function removeTable(owner: Owner): Promise<string[]> {
  const name = outboundTable(owner);
  const tables = await runOnHost(['nft', 'list', 'tables']).catch(missingProgram);
  if (!tables.split('\n').includes(`table inet ${name}`)) return [];
  await runOnHost(['nft', 'delete', 'table', 'inet', name]);
  return [`nftables table ${name}`];
}

/** Both ends in one go: a round trip less on the way to a sandbox's start. */
const CONNECT = 'printf %s "$1" | ip -batch -; printf %s "$2" | nsenter --net="$3" ip -batch -';
/** The range's first address is the host's end of every pair. */
const FIRST_SANDBOX = 2;
/** 100.64.0.0/10 belongs to nobody's own network: carriers translate from it as we do. */
const PREFIXES = 64;
const FIRST_PREFIX = 64;

/** What the names of an owner's interfaces begin with. */
const interfacesOf = (owner: Owner) => `lm${owner.tag}-`;

/**
 * Takes a /16 that no route of this machine touches, by a route that leads nowhere: it shows others that the range
 * is taken, and ends what is sent to sandboxes that are gone. The owner is told by its metric.
 */
async function claimPrefix(owner: Owner): Promise<string> {
  const routes = JSON.parse(
    await runOnHost(['ip', '-4', '-json', 'route', 'show', 'table', 'all']),
  ) as Route[];
  for (let attempt = 0; attempt < PREFIXES; attempt++) {
    const second = FIRST_PREFIX + ((owner.number + attempt) % PREFIXES);
    if (routes.some(({ dst }) => touches(dst, second))) continue;
    const prefix = `100.${second}`;
    await runOnHost([
      'ip',
      'route',
      'add',
      'unreachable',
      `${prefix}.0.0/16`,
      'metric',
      String(owner.number),
    ]);
    return prefix;
  }
  throw new Error('every range of 100.64.0.0/10 is in use on this machine');
}

/** Whether a route's destination and 100.`second`.0.0/16 have an address in common. */
function touches(destination: string, second: number): boolean {
  const [address = '', length = '32'] = destination.split('/');
  const [a, b = 0] = address.split('.').map(Number);
  const otherBits = Math.max(0, 16 - Number(length));
  return a === 100 && b >> otherBits === second >> otherBits;
}

interface Route {
  readonly dst: string;
  readonly metric?: number;
}

async function unreachableRoutes(): Promise<Route[]> {
  const text = await runOnHost(['ip', '-4', '-json', 'route', 'show', 'type', 'unreachable']).catch(
    missingProgram,
  );
  return text.trim() === '' ? [] : (JSON.parse(text) as Route[]);
}

/** Where the program is not installed it has set nothing up. */
function missingProgram(error: Error): string {
  if ((error.cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
  throw error;
}

/** Stays on when we go: others may have come to need it. Written only if needed: in containers it is read-only. */
async function forwardPackets(): Promise<void> {
  const file = '/proc/sys/net/ipv4/ip_forward';
  if ((await readFile(file, 'utf8')).trim() !== '1') await writeFile(file, '1');
}

async function deleteInterface(name: string): Promise<void> {
  if (!(await interfaceNames()).includes(name)) return;
  await runOnHost(['ip', 'link', 'delete', name]).catch(async error => {
    // The kernel was faster.
    if ((await interfaceNames()).includes(name)) throw error;
  });
}

/** Of this process's own network; sysfs would tell those of whoever mounted it. */
async function interfaceNames(): Promise<string[]> {
  const table = await readFile('/proc/self/net/dev', 'utf8');
  return [...table.matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => name ?? '');
}
