import type { Role } from './cluster-keys.ts';

/** A live process of the cluster, as `members/<role>/<id>` tells of it. */
export interface MemberRecord {
  readonly role: Role;
  readonly id: string;
  /** Of this life of the process. */
  readonly incarnation: string;
  /** Of Lambent. */
  readonly version: string;
  /** Where other members reach it: `host:port` of its link. Gateways and events serve none. */
  readonly address?: string;
  /** What it serves to others, by name: `api`, `admin`, `grpc`. */
  readonly urls?: Readonly<Record<string, string>>;
  /** Of the process, as `placeText` tells it. */
  readonly place: string;
}

/** A worker that belongs to the cluster, as `fleet/<worker id>` tells of it. */
export interface FleetRecord {
  readonly address: string;
  /** Of the life of the worker that wrote it. */
  readonly incarnation: string;
  /** Of that life, as its `MemberRecord` tells it: read when that is gone. */
  readonly place: string;
  /** What its grants live by. The next life revokes it before it takes any slots; so does `worker forget`. */
  readonly grantLease: string;
  readonly memoryMb: number;
  /** Identifiers of the runtimes it has. */
  readonly runtimes: readonly string[];
}

/** The cluster itself. What else belongs to it (streams of a broker) carries the id, so that two never mix. */
export interface ClusterRecord {
  readonly id: string;
}
