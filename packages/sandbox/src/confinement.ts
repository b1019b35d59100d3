import type { Controller } from './cgroup-hierarchies.ts';
import { NAMESPACES, type Observed } from './confinement-probe.ts';
import { SANDBOXES_MAX } from './owner.ts';
import type { Confinement, Finding } from './sandbox.ts';

/** What was tried, and how it went. */
export interface Evidence {
  readonly platform: NodeJS.Platform;
  readonly architecture: NodeJS.Architecture;
  readonly asRoot: boolean;
  /** "bubblewrap 0.8.0"; undefined where it is not installed. */
  readonly bubblewrap: string | undefined;
  readonly cgroups: { readonly detail: string; readonly lacking: readonly Controller[] };
  readonly observed: Observed;
  /** The first of the ids that sandboxes were to have, where they were to have their own. */
  readonly firstUserId: number | undefined;
  /** Why better ways of starting did not work, best first. */
  readonly failures: readonly string[];
  readonly outbound: OutboundEvidence;
  /** Why nothing can be mounted into a sandbox that runs; undefined where it was done. */
  readonly lateMountsFailure: string | undefined;
  readonly install: (packageName: string) => string;
}

export type OutboundEvidence =
  | { readonly kind: 'laid'; readonly range: string; readonly nameservers: readonly string[] }
  | { readonly kind: 'denied' }
  | { readonly kind: 'failed'; readonly detail: string; readonly missing: readonly string[] };

/** What the machine can do and what it cannot, with the command that mends it. */
export function describeConfinement(evidence: Evidence): Confinement {
  return {
    namespaces: namespaces(evidence),
    seccomp: seccomp(evidence),
    cgroup: cgroup(evidence),
    ownUid: ownUid(evidence),
    network: network(evidence),
    outbound: outbound(evidence),
    lateMounts: lateMounts(evidence),
  };
}

/** The lacks that make code of strangers unsafe to run; the way out is not one, nor are slower starts. */
export function lacksOf(confinement: Confinement): string[] {
  const { outbound: _, lateMounts: __, ...needed } = confinement;
  return Object.entries(needed as Readonly<Record<string, Finding>>)
    .filter(([, { held }]) => !held)
    .map(([name, { detail, remedy }]) => `${name}: ${detail}${remedy === undefined ? '' : ` (${remedy})`}`);
}

const START_AS_ROOT = 'sudo npx lambent up';
const DELEGATED = 'systemd-run --user --scope -p Delegate=yes npx lambent up';

function namespaces({ platform, bubblewrap, observed, failures, install }: Evidence): Finding {
  if (NAMESPACES.every(name => observed.ownNamespaces.includes(name)))
    return { held: true, detail: bubblewrap ?? 'bubblewrap' };
  if (platform !== 'linux') return { held: false, detail: `${platform} has none` };
  if (bubblewrap === undefined)
    return { held: false, detail: 'bubblewrap is not installed', remedy: install('bubblewrap') };
  return lack(failures[0] ?? 'bubblewrap does not work here', remedyOf(failures.join('\n'), install));
}

/** What usually stands behind a failure of bubblewrap. */
function remedyOf(failures: string, install: Evidence['install']): string | undefined {
  if (failures.includes('setpriv')) return install('util-linux');
  if (/setting up uid map|uid_map/.test(failures))
    return 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';
  if (failures.includes('No permissions to create')) return 'sysctl -w kernel.unprivileged_userns_clone=1';
  return undefined;
}

function seccomp({ architecture, observed }: Evidence): Finding {
  if (observed.ownNamespaces.length === 0) return { held: false, detail: 'only built for bubblewrap' };
  if (!observed.seccomp) return { held: false, detail: `no filter for ${architecture}` };
  return { held: true, detail: `filter for ${architecture}` };
}

function cgroup({ cgroups, asRoot, platform }: Evidence): Finding {
  if (cgroups.lacking.length === 0) return { held: true, detail: cgroups.detail };
  const detail = `no ${cgroups.lacking.join(', ')}: ${cgroups.detail}`;
  return lack(detail, platform === 'linux' && !asRoot ? DELEGATED : undefined);
}

function ownUid({ observed, firstUserId, asRoot }: Evidence): Finding {
  const own = firstUserId !== undefined && observed.userId >= firstUserId;
  if (own && observed.userId < firstUserId + SANDBOXES_MAX)
    return { held: true, detail: `from ${firstUserId}` };
  return lack("sandboxes run under the caller's own id", asRoot ? undefined : START_AS_ROOT);
}

function network({ observed }: Evidence): Finding {
  if (observed.ownNamespaces.includes('net'))
    return { held: true, detail: 'a network of its own per sandbox' };
  return { held: false, detail: "sandboxes share the host's network" };
}

function outbound({ outbound: found, observed, install, asRoot }: Evidence): Finding {
  if (!observed.ownNamespaces.includes('net'))
    return { held: true, detail: "through the host's own network" };
  switch (found.kind) {
    case 'denied':
      return { held: false, detail: 'denied by the settings' };
    case 'laid':
      return { held: true, detail: `veth and nftables, ${found.range}, ${namesDetail(found.nameservers)}` };
    case 'failed': {
      const [missing] = found.missing;
      return lack(found.detail, asRoot ? missing && install(missing) : START_AS_ROOT);
    }
  }
}

function lateMounts({ lateMountsFailure: failure, asRoot }: Evidence): Finding {
  if (failure === undefined) return { held: true, detail: 'code is mounted into sandboxes that wait for it' };
  return lack(`every start is a whole one: ${failure}`, asRoot ? undefined : START_AS_ROOT);
}

function namesDetail(nameservers: readonly string[]): string {
  if (nameservers.length > 0) return `names by ${nameservers.join(' and ')}`;
  return "no names: the host's name server is on its loopback or IPv6 only";
}

function lack(detail: string, remedy: string | undefined): Finding {
  return { held: false, detail, ...(remedy !== undefined && { remedy }) };
}
