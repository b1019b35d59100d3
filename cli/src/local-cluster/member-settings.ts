import { totalmem } from 'node:os';
import type { MemberPart } from './cluster-file.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { type ClusterPlan, portOf } from './cluster-plan.ts';

export interface MemberSettingsOptions extends Pick<ClusterOptions, 'logLevel' | 'insecureListen'> {
  readonly plan: ClusterPlan;
  /** The directory of its certificate. */
  readonly tls: string | undefined;
  /** Of a NATS server that runs. */
  readonly monitorUrl: string | undefined;
  /** What whoever started the cluster has set; it holds for every member, where it does not say where that one is. */
  readonly env: NodeJS.ProcessEnv;
}

/** What functions may take of a machine's memory, of all workers on it together. */
const MEMORY_SHARE = 0.75;
const BYTES_PER_MB = 1_024 ** 2;

/** What a member is told by its environment. */
export function memberSettings(part: MemberPart, options: MemberSettingsOptions): NodeJS.ProcessEnv {
  const { plan, logLevel, insecureListen = false, tls, monitorUrl, env } = options;
  const serversOf = (kind: string) =>
    plan.engines.filter(engine => engine.kind === kind).map(({ url }) => url);
  return {
    // Nobody balances load in front of a cluster on one machine, unless its owner says so.
    LAMBENT_READINESS_LINGER_MS: '0',
    LAMBENT_WORKER_MEMORY_MB: String(memoryMbOf(plan)),
    ...env,
    LAMBENT_DATA: part.data,
    LAMBENT_LOG_LEVEL: logLevel,
    LAMBENT_CLUSTER: plan.name,
    LAMBENT_MEMBER_ID: part.id,
    LAMBENT_ETCD: serversOf('etcd').join(','),
    LAMBENT_NATS: serversOf('nats').join(','),
    LAMBENT_NATS_MONITOR: monitorUrl ?? '',
    LAMBENT_NATS_REPLICAS: String(plan.replicas),
    LAMBENT_TLS: tls ?? '',
    LAMBENT_LISTEN: part.address ?? '',
    LAMBENT_ADVERTISE: '',
    LAMBENT_INSECURE_LISTEN: String(insecureListen),
    ...doorSettings(part),
    ...(part.role === 'worker' && { LAMBENT_WORKER_AWS_ENDPOINT: awsEndpointOf(plan) }),
  };
}

function doorSettings({ role, admin, api, grpc }: MemberPart): NodeJS.ProcessEnv {
  const { hostname, port } = new URL(admin);
  const prefix = `LAMBENT_${role.toUpperCase()}`;
  return {
    [`${prefix}_ADMIN_HOST`]: hostname,
    [`${prefix}_ADMIN_PORT`]: port,
    ...(api !== undefined && {
      LAMBENT_GATEWAY_HOST: new URL(api).hostname,
      LAMBENT_GATEWAY_PORT: String(portOf(api)),
    }),
    ...(grpc !== undefined && {
      LAMBENT_GATEWAY_GRPC_HOST: new URL(grpc).hostname,
      LAMBENT_GATEWAY_GRPC_PORT: String(portOf(grpc)),
    }),
  };
}

/** Functions' own calls go to the first gateway. */
function awsEndpointOf(plan: ClusterPlan): string {
  const first = plan.members.find(({ role }) => role === 'gateway');
  return first?.api === undefined ? '' : new URL(first.api).host;
}

/** Workers of one machine share it, as each would not know by itself. */
function memoryMbOf(plan: ClusterPlan): number {
  const workers = plan.members.filter(({ role }) => role === 'worker').length;
  return Math.floor((MEMORY_SHARE * totalmem()) / BYTES_PER_MB / Math.max(1, workers));
}
