import { type Clock, type Random, SystemRandom, type TlsMaterial } from '@lambent/core';
import {
  type AdminListener,
  type Endpoint,
  type Logger,
  openTelemetry,
  type Telemetry,
  writeEndpointFile,
} from '@lambent/daemon';
import { claimClusterId, type MemberRecord, Membership, type Role } from '@lambent/membership';
import type { Registry } from '@lambent/registry';
import type { CommandContext } from '../command-line.ts';
import type { Settings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { openAdmin } from './member-admin.ts';
import { openCertificates } from './member-certificates.ts';
import { memberIdOf } from './member-id.ts';
import { memberPlaceOf } from './member-place.ts';
import { type ClusterNetwork, networkOf } from './network.ts';
import { openRegistry } from './registry.ts';

/** One process of a cluster: who it is, and what it has of the cluster before it serves. */
export interface Member {
  readonly role: Role;
  /** The same over restarts. */
  readonly id: string;
  /** Where it lives, as its record tells. */
  readonly place: string;
  /** Of this life of the process. */
  readonly incarnation: string;
  readonly dataDirectory: string;
  readonly settings: Settings;
  readonly network: ClusterNetwork;
  readonly tls: TlsMaterial | undefined;
  readonly clusterId: string;
  readonly registry: Registry;
  readonly admin: AdminListener;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Whether the others see this member now. */
  present(): boolean;
  /** Aborted when the process is wanted no more. */
  readonly closing: AbortSignal;
}

/** What a member that serves tells the others. */
export interface Serving {
  /** `host:port` of its link. */
  readonly address?: string;
  /** By name: `api`, `grpc`. */
  readonly urls?: Readonly<Record<string, string>>;
}

/** Opens what a role is there for, on what the member has. */
export type Serve = (stack: AsyncDisposableStack, member: Member) => Promise<Serving>;

export interface MemberOptions {
  readonly role: Role;
  /** There, locked, and nobody else's. */
  readonly dataDirectory: string;
  readonly settings: Settings;
  readonly serve: Serve;
  readonly logger: Logger;
  readonly closing: AbortSignal;
  /** Of the process to signal. */
  readonly pid: number;
}

/**
 * Opens a member in dependency order: health is answered first, then the cluster is found, then the role serves, and
 * only then the others and `endpoint.json` are told. Disposing the stack goes the other way.
 */
export async function openMember(
  stack: AsyncDisposableStack,
  options: MemberOptions,
  context: CommandContext,
): Promise<void> {
  const { role, settings, dataDirectory, logger, closing } = options;
  const { clock, env } = context;
  const network = networkOf(role, settings);
  const random = new SystemRandom();
  const telemetry = stack.use(await openTelemetry({ serviceName: `lambent-${role}`, env, clock }));
  const admin = stack.use(await openAdmin(role, settings, { telemetry, clock }));
  const tls = await openCertificates(stack, settings.cluster.tls, { clock, logger, telemetry, admin });
  const shared = { role, settings, network, tls, clock, random, logger, closing };
  const registry = stack.use(await openRegistry(shared));
  admin.leansOn('etcd', () => registry.trouble);
  let membership: Membership | undefined;
  const member: Member = {
    ...shared,
    id: settings.cluster.memberId ?? (await memberIdOf(dataDirectory, { role, random })),
    place: await memberPlaceOf(dataDirectory),
    incarnation: random.uuid(),
    dataDirectory,
    clusterId: await claimClusterId(registry, random),
    registry,
    admin,
    telemetry,
    present: () => membership?.present ?? false,
  };
  const serving = await options.serve(stack, member);
  const record = recordOf(member, serving);
  membership = stack.use(await Membership.join({ registry, clock, random, record }));
  stack.defer(() => admin.is('draining'));
  admin.is('ready');
  stack.use(await writeEndpointFile(dataDirectory, endpointOf(record, options.pid)));
  logger.info({ ...record, clusterId: member.clusterId }, 'member joined');
  tell(context.terminal, record, settings.cluster.cluster);
}

function recordOf(member: Member, serving: Serving): MemberRecord {
  const { role, id, incarnation, place, admin } = member;
  const urls = { ...serving.urls, admin: admin.url };
  return { role, id, incarnation, version: VERSION, place, ...serving, urls };
}

function endpointOf({ role, id, address, urls = {}, version }: MemberRecord, pid: number): Endpoint {
  const { api: url, grpc: grpcUrl, admin: adminUrl = '' } = urls;
  return {
    role,
    id,
    ...(url !== undefined && { url }),
    ...(grpcUrl !== undefined && { grpcUrl }),
    ...(address !== undefined && { address }),
    adminUrl,
    pid,
    version,
  };
}

function tell(terminal: Terminal, { role, id, address, urls = {} }: MemberRecord, cluster: string): void {
  const { api, admin } = urls;
  terminal.result(`${role} ${id} of the cluster ${cluster}, admin port on ${admin}`);
  const reached = api ?? address;
  terminal.result(reached === undefined ? 'serving' : `listening on ${reached}`);
}
