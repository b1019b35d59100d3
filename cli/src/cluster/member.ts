import { readMaterial } from '@lambent/certificates';
import { type Clock, type Random, SystemRandom, type TlsMaterial } from '@lambent/core';
import {
  AdminListener,
  type Logger,
  openTelemetry,
  type Telemetry,
  writeEndpointFile,
} from '@lambent/daemon';
import { claimClusterId, Membership, type Role } from '@lambent/membership';
import type { Registry } from '@lambent/registry';
import type { CommandContext } from '../command-line.ts';
import { fromListenError } from '../listen-failure.ts';
import type { Settings } from '../settings.ts';
import { VERSION } from '../version.ts';
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
  const { role, settings, dataDirectory, logger, closing, serve, pid } = options;
  const { clock, env, terminal } = context;
  const network = networkOf(role, settings);
  const random = new SystemRandom();
  const id = settings.cluster.memberId ?? (await memberIdOf(dataDirectory, { role, random }));
  const telemetry = stack.use(await openTelemetry({ serviceName: `lambent-${role}`, env, clock }));
  const admin = stack.use(await openAdmin(role, settings, { telemetry, clock }));
  const shared = { role, settings, network, clock, random, logger, closing };
  const { tls: certificates } = settings.cluster;
  const tls = certificates === undefined ? undefined : await readMaterial(certificates, { clock });
  const registry = stack.use(await openRegistry({ ...shared, tls }));
  const clusterId = await claimClusterId(registry, random);
  const place = await memberPlaceOf(dataDirectory);
  const incarnation = random.uuid();
  let membership: Membership | undefined;
  const present = () => membership?.present ?? false;
  const own = { id, place, incarnation, dataDirectory, present };
  const member = { ...shared, ...own, tls, clusterId, registry, admin, telemetry };
  const serving = await serve(stack, member);
  const urls = { ...serving.urls, admin: admin.url };
  const record = { role, id, incarnation, version: VERSION, place, ...serving, urls };
  membership = stack.use(await Membership.join({ registry, clock, random, record }));
  stack.defer(() => admin.is('draining'));
  admin.is('ready');
  const { api, grpc } = serving.urls ?? {};
  stack.use(
    await writeEndpointFile(dataDirectory, {
      role,
      id,
      ...(api !== undefined && { url: api }),
      ...(grpc !== undefined && { grpcUrl: grpc }),
      ...(serving.address !== undefined && { address: serving.address }),
      adminUrl: admin.url,
      pid,
      version: VERSION,
    }),
  );
  logger.info({ role, id, incarnation, clusterId, ...serving, adminUrl: admin.url }, 'member joined');
  terminal.result(`${role} ${id} of cluster ${settings.cluster.cluster}, admin port on ${admin.url}`);
  const reached = api ?? serving.address;
  terminal.result(reached === undefined ? 'joined' : `listening on ${reached}`);
}

async function openAdmin(
  role: Role,
  settings: Settings,
  options: { readonly telemetry: Telemetry; readonly clock: Clock },
): Promise<AdminListener> {
  const { adminHost: host, adminPort: port } =
    role === 'gateway' ? settings.gateway : settings[`${role}Admin`];
  const { insecureListen } = settings.gateway;
  try {
    return await AdminListener.open({ ...options, host, port, insecureListen });
  } catch (error) {
    throw fromListenError(error, { host, adminPort: port });
  }
}
