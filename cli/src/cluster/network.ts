import { fail } from '@lambent/core';
import { isLoopback } from '@lambent/daemon';
import type { Role } from '@lambent/membership';
import type { Settings } from '../settings.ts';

/** Where a member finds the servers of its cluster, and where others find it. */
export interface ClusterNetwork {
  readonly etcd: readonly string[];
  readonly nats: readonly string[];
}

/** Placement speaks to no broker. */
const WITHOUT_NATS: ReadonlySet<Role> = new Set(['placement']);

/** Others open streams to these. */
const SERVING: ReadonlySet<Role> = new Set(['placement', 'worker']);

/** Addresses to listen at, which nobody can be found by. */
export const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '[::]', '::']);

/** Fails with `config-invalid` where something is missing, or would be said in the open between machines. */
export function networkOf(role: Role, settings: Settings): ClusterNetwork {
  const { cluster, gateway } = settings;
  const etcd = serversOf(role, 'etcd', cluster.etcd);
  const nats = WITHOUT_NATS.has(role) ? [] : serversOf(role, 'nats', cluster.nats);
  if (cluster.tls === undefined && !gateway.insecureListen) {
    for (const server of etcd) requirePrivate('LAMBENT_ETCD', server);
    for (const server of nats) requirePrivate('LAMBENT_NATS', server);
    requirePrivate('LAMBENT_LISTEN', cluster.listen);
    if (cluster.advertise !== undefined) requirePrivate('LAMBENT_ADVERTISE', cluster.advertise);
  }
  if (SERVING.has(role)) requireAddress(cluster.advertise ?? cluster.listen);
  return { etcd, nats };
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Of `host:port`, with an IPv6 address in brackets. */
export function hostAndPortOf(address: string): HostAndPort {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

/** Without the scheme that they may be written with: whether they are spoken to in TLS is one decision for all. */
function serversOf(role: Role, kind: 'etcd' | 'nats', text: string | undefined): readonly string[] {
  if (text === undefined) {
    const told = `--${kind}${role === 'worker' ? ', or a file with --join' : ''}`;
    const detail = `a member of a cluster needs it: give it ${told}`;
    throw fail('config-invalid', { name: `LAMBENT_${kind.toUpperCase()}`, detail });
  }
  return text.split(',').map(server => server.replace(/^\w+:\/\//, ''));
}

/** Who listens everywhere has to say where others find it. */
function requireAddress(address: string): void {
  const { host } = hostAndPortOf(address);
  if (!EVERYWHERE.has(host)) return;
  const detail = `${host} is where this member listens, not where others reach it`;
  throw fail('config-invalid', { name: 'LAMBENT_ADVERTISE', detail });
}

function requirePrivate(name: string, address: string): void {
  const { host } = hostAndPortOf(address);
  if (isLoopback(host)) return;
  const detail = `${host} is reached over a network; set LAMBENT_TLS, or --insecure-listen to go without`;
  throw fail('config-invalid', { name, detail });
}
