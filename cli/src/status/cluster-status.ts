import type { CertificateStanding } from '@lambent/certificates';
import type { LimitRecord, Role } from '@lambent/membership';

/** What can be said of a cluster now. A part that could not be asked is null, and `unknown` says why. */
export interface ClusterStatus {
  readonly name: string;
  readonly engines: readonly EngineStatus[];
  readonly registry: RegistryStatus | null;
  readonly queues: readonly QueueStatus[] | null;
  /** Why something that was accepted could be lost with the power. */
  readonly degraded: readonly string[] | null;
  /** Those that end soon, or have. */
  readonly expiring: readonly ExpiringCertificate[];
  readonly unknown: readonly string[];
}

export interface EngineStatus {
  readonly kind: 'etcd' | 'nats';
  readonly url: string;
  readonly answers: boolean;
  /** Why it does not do all it should although it answers. */
  readonly trouble?: string;
}

/** What the registry says of the cluster's members and of their slots. */
export interface RegistryStatus {
  readonly id: string | undefined;
  readonly members: readonly MemberStatus[];
  readonly workers: readonly WorkerStatus[];
  readonly limits: readonly LimitStatus[];
}

export interface MemberStatus {
  readonly role: Role;
  readonly id: string;
  /** Whether it renews its session. One that does not is known from elsewhere. */
  readonly alive: boolean;
  readonly version?: string;
  readonly incarnation?: string;
  readonly address?: string;
  readonly urls?: Readonly<Record<string, string>>;
}

export interface WorkerStatus {
  readonly id: string;
  readonly address: string;
  readonly incarnation: string;
  /** Whether it may be given new environments. */
  readonly alive: boolean;
  readonly memoryMb: number;
  readonly runtimes: readonly string[];
  /** Slots by limit. */
  readonly granted: Readonly<Record<string, number>>;
}

/** One part of the account's concurrency. */
export interface LimitStatus extends LimitRecord {
  readonly id: string;
  /** To all workers together. */
  readonly granted: number;
}

export interface QueueStatus {
  readonly name: string;
  readonly messages: number;
  readonly inFlight: number;
  readonly oldestAgeMs: number;
}

export interface ExpiringCertificate extends CertificateStanding {
  readonly subject: string;
  readonly file: string;
}

/** Whether everything that should be there is, and nobody has to do anything. */
export function isWell({ engines, registry, expiring, unknown }: ClusterStatus): boolean {
  const all = [
    ...engines.map(({ answers, trouble }) => answers && trouble === undefined),
    ...(registry?.members ?? []).map(({ alive }) => alive),
  ];
  const workers = (registry?.workers ?? []).map(({ alive }) => alive);
  return unknown.length === 0 && expiring.length === 0 && [...all, ...workers].every(Boolean);
}
