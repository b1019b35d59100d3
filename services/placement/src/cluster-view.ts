import type { Clock, Random } from '@lambent/core';
import {
  ACCOUNT_KEY,
  byRendezvous,
  Division,
  decodeAccount,
  decodeLimit,
  decodeMember,
  decodeRecord,
  FLEET_PREFIX,
  type FleetRecord,
  GRANTS_PREFIX,
  LIMITS_PREFIX,
  type LimitRecord,
  type MemberRecord,
  membersPrefix,
  POOL_LIMIT_ID,
  usableOf,
} from '@lambent/membership';
import { decodeKeyPart, type Entry, RecordWatch, type Registry } from '@lambent/registry';
import type { Limit } from './limit.ts';

export interface ClusterViewOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  /** This replica among the members. */
  readonly id: string;
  readonly changed: () => void;
  readonly broken: (cause: unknown) => void;
}

/** What the registry says of limits, grants, workers and the replicas of placement, as last heard. */
export class ClusterView implements AsyncDisposable {
  readonly #id: string;
  readonly #watches = new AsyncDisposableStack();
  #account = 0;
  #limits: ReadonlyMap<string, LimitRecord> = new Map();
  /** By limit, then by worker. */
  #grants: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map();
  #fleet: ReadonlyMap<string, FleetRecord> = new Map();
  #sessions: ReadonlySet<string> = new Set();
  #living: ReadonlySet<string> = new Set();
  #replicas: readonly MemberRecord[] = [];

  private constructor(id: string) {
    this.#id = id;
  }

  /** Ready once everything was read. Rejects with `registry-unavailable`. */
  static async open(options: ClusterViewOptions): Promise<ClusterView> {
    const { changed } = options;
    const view = new ClusterView(options.id);
    await using opening = new AsyncDisposableStack();
    const watch = async <T>(
      prefix: string,
      decode: (entry: Entry) => T | undefined,
      take: (records: ReadonlyMap<string, T>) => void,
    ) => {
      const taken = (records: ReadonlyMap<string, T>) => {
        take(records);
        changed();
      };
      opening.use(await RecordWatch.open<T>({ ...options, prefix, decode, changed: taken }));
    };
    await watch(ACCOUNT_KEY, decodeAccount, records => {
      view.#account = records.get(ACCOUNT_KEY)?.concurrency ?? 0;
    });
    await watch(LIMITS_PREFIX, decodeLimit, records => (view.#limits = byKeyPart(records, LIMITS_PREFIX)));
    await watch(GRANTS_PREFIX, decodeGrant, records => (view.#grants = byLimit(records.values())));
    await watch(FLEET_PREFIX, decodeWorker, records => {
      view.#fleet = byKeyPart(records, FLEET_PREFIX);
      view.#count();
    });
    await watch(membersPrefix('worker'), decodeMember, records => {
      view.#sessions = new Set([...records.values()].map(({ id }) => id));
      view.#count();
    });
    await watch(
      membersPrefix('placement'),
      decodeMember,
      records => (view.#replicas = [...records.values()]),
    );
    view.#watches.use(opening.move());
    return view;
  }

  limit(id: string): Limit {
    const record = this.#limits.get(id);
    return { id, slots: record && usableOf(record), grants: this.#grants.get(id) ?? NO_GRANTS };
  }

  /** What the function's invocations count against. */
  limitOf(functionId: string): string {
    return this.#limits.get(functionId)?.reserved === undefined ? POOL_LIMIT_ID : functionId;
  }

  limits(): Limit[] {
    return [...this.#limits.keys()].map(id => this.limit(id));
  }

  /** How the account's concurrency is divided. */
  get division(): Division {
    return Division.of(this.#account, this.#limits);
  }

  /** The workers that belong to the cluster, whether or not they live. */
  get fleet(): ReadonlyMap<string, FleetRecord> {
    return this.#fleet;
  }

  /** Those of the fleet whose sessions are renewed. */
  get living(): ReadonlySet<string> {
    return this.#living;
  }

  /** Whether routers ask this replica first about the limit; one that sees no other answers for everything. */
  answersFor(limitId: string): boolean {
    const addresses = this.#replicas.flatMap(({ address }) => address ?? []);
    const [first] = byRendezvous(limitId, addresses);
    if (first === undefined) return true;
    return this.#replicas.some(({ id, address }) => id === this.#id && address === first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watches.disposeAsync();
  }

  #count(): void {
    this.#living = new Set([...this.#fleet.keys()].filter(workerId => this.#sessions.has(workerId)));
  }
}

const NO_GRANTS: ReadonlyMap<string, number> = new Map();

interface Grant {
  readonly limitId: string;
  readonly workerId: string;
  readonly slots: number;
}

function decodeGrant({ key, value }: Entry): Grant | undefined {
  const [limitId, workerId] = key.slice(GRANTS_PREFIX.length).split('/').map(decodeKeyPart);
  const slots = Number(Buffer.from(value).toString());
  if (limitId === undefined || workerId === undefined || !Number.isSafeInteger(slots)) return undefined;
  return { limitId, workerId, slots };
}

function decodeWorker(entry: Entry): FleetRecord | undefined {
  return decodeRecord<FleetRecord>(entry, ['incarnation']);
}

function byKeyPart<T>(records: ReadonlyMap<string, T>, prefix: string): Map<string, T> {
  return new Map([...records].map(([key, record]) => [decodeKeyPart(key.slice(prefix.length)), record]));
}

function byLimit(grants: Iterable<Grant>): Map<string, Map<string, number>> {
  const limits = new Map<string, Map<string, number>>();
  for (const { limitId, workerId, slots } of grants) {
    const holders = limits.get(limitId) ?? new Map<string, number>();
    limits.set(limitId, holders.set(workerId, slots));
  }
  return limits;
}
