import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@lambent/core';
import type { Surroundings } from './bubblewrap-arguments.ts';
import { Cgroups } from './cgroups.ts';
import type { OutboundEvidence } from './confinement.ts';
import { findProgram } from './host-programs.ts';
import { readSystemDirectories, writeInsideEtc } from './inside-etc.ts';
import { findStrayFds } from './joining-shell.ts';
import { LateMounts } from './late-mounts.ts';
import { recordCgroupRoots } from './leftovers.ts';
import { readNameservers } from './nameservers.ts';
import { Owner, SANDBOXES_MAX } from './owner.ts';
import { seccompFilter } from './seccomp-filter.ts';
import { Slots } from './slots.ts';
import { firstUserId } from './user-ids.ts';
import { VethOutbound } from './veth-outbound.ts';

/** What all sandboxes of an owner share. */
export interface Ground {
  readonly runDirectory: string;
  /** An empty directory, for sandboxes without code. */
  readonly emptyDirectory: string;
  readonly cgroups: Cgroups;
  readonly slots: Slots;
  /** Descriptors of this process that no sandbox shall get. */
  readonly strayFds: readonly number[];
  readonly surroundings: Pick<Surroundings, 'etc' | 'systemDirectories'>;
  /** Host path of the system call filter; undefined where there is none for this architecture. */
  readonly seccompFile: string | undefined;
  readonly firstUserId: number | undefined;
  readonly outbound: VethOutbound | undefined;
  readonly outboundEvidence: OutboundEvidence;
  /** Why not, where there are none. */
  readonly lateMounts: LateMounts | string;
  readonly clock: Clock;
}

export interface GroundOptions {
  readonly ownerId: string;
  readonly runDirectory: string;
  readonly outbound?: 'allow' | 'deny';
  readonly outboundDenied?: readonly string[];
  readonly clock: Clock;
}

export const asRoot = () => process.getuid?.() === 0;

/** Lays it in an emptied run directory; what has to be given back goes on `held`. */
export async function layGround(options: GroundOptions, held: AsyncDisposableStack): Promise<Ground> {
  const { runDirectory, ownerId, clock } = options;
  const owner = new Owner(ownerId);
  held.defer(() => rm(runDirectory, { recursive: true, force: true }));
  const emptyDirectory = path.join(runDirectory, 'empty');
  await mkdir(emptyDirectory, { recursive: true, mode: 0o755 });
  const cgroups = held.adopt(await Cgroups.open(ownerId, clock), opened => opened.remove());
  await recordCgroupRoots(runDirectory, cgroups.directories);
  const nameservers = await readNameservers();
  const { outbound, outboundEvidence } = await openOutbound(owner, nameservers, options);
  if (outbound) held.defer(() => outbound.close());
  const lateMounts = await openLateMounts(runDirectory, clock);
  if (typeof lateMounts !== 'string') held.use(lateMounts);
  const linux = process.platform === 'linux';
  return {
    runDirectory,
    emptyDirectory,
    cgroups,
    slots: new Slots(SANDBOXES_MAX),
    strayFds: findStrayFds(),
    surroundings: {
      etc: await writeInsideEtc(runDirectory, outbound ? nameservers : []),
      systemDirectories: await readSystemDirectories(),
    },
    seccompFile: await writeSeccompFilter(runDirectory),
    firstUserId:
      linux && asRoot() ? firstUserId(owner, await readFile('/proc/self/uid_map', 'utf8')) : undefined,
    outbound,
    outboundEvidence,
    lateMounts,
    clock,
  };
}

async function openLateMounts(runDirectory: string, clock: Clock): Promise<LateMounts | string> {
  if (process.platform !== 'linux') return 'only built for Linux';
  if (!asRoot()) return 'needs root';
  try {
    return await LateMounts.open(path.join(runDirectory, 'late'), clock);
  } catch (error) {
    return (error as Error).message;
  }
}

async function writeSeccompFilter(runDirectory: string): Promise<string | undefined> {
  const filter = process.platform === 'linux' ? seccompFilter(process.arch) : undefined;
  if (!filter) return undefined;
  const file = path.join(runDirectory, 'seccomp.bpf');
  await writeFile(file, filter);
  return file;
}

/** The program that a package is needed for → the package. */
const OUTBOUND_PACKAGES = { ip: 'iproute2', nft: 'nftables', nsenter: 'util-linux' } as const;

async function openOutbound(
  owner: Owner,
  nameservers: readonly string[],
  options: GroundOptions,
): Promise<Pick<Ground, 'outbound' | 'outboundEvidence'>> {
  const failed = (detail: string, missing: readonly string[] = []) => ({
    outbound: undefined,
    outboundEvidence: { kind: 'failed', detail, missing } as const,
  });
  if (options.outbound === 'deny') return { outbound: undefined, outboundEvidence: { kind: 'denied' } };
  if (process.platform !== 'linux') return failed('only built for Linux');
  if (!asRoot()) return failed('needs root; by pasta it is not built yet');
  const missing = Object.entries(OUTBOUND_PACKAGES).filter(([program]) => findProgram(program) === undefined);
  if (missing.length > 0)
    return failed(
      `${missing.map(([program]) => program).join(', ')} not installed`,
      missing.map(([, name]) => name),
    );
  try {
    const outbound = await VethOutbound.open({ owner, nameservers, denied: options.outboundDenied ?? [] });
    return { outbound, outboundEvidence: { kind: 'laid', range: outbound.range, nameservers } };
  } catch (error) {
    return failed((error as Error).message);
  }
}
