import {
  type EnvironmentKeyText,
  type EnvironmentSpec,
  environmentKeyText,
  type WorkerReport,
} from '@lambent/contracts';

/** One worker as placement knows it: its last report less what it was given since. */
export interface Member {
  readonly workerId: string;
  readonly draining: boolean;
  readonly memoryMbFree: number;
  readonly slotsFree: number;
  readonly runtimes: ReadonlySet<string>;
  readonly codeCached: ReadonlySet<string>;
  readonly holdings: ReadonlyMap<EnvironmentKeyText, Readonly<Count>>;
}

export interface Count {
  starting: number;
  idle: number;
  busy: number;
}

/**
 * The live workers and what they hold: soft state, rebuilt from their reports. What has just been given to a worker
 * is debited until its next report, so that two needs in a row do not find the same room.
 */
export class Fleet {
  readonly #members = new Map<string, DebitedMember>();

  report(report: WorkerReport): void {
    this.#members.set(report.workerId, memberOf(report));
  }

  leave(workerId: string): void {
    this.#members.delete(workerId);
  }

  debit(workerId: string, spec: EnvironmentSpec, count: number): void {
    const member = this.#members.get(workerId);
    if (!member || !spec.key) return;
    member.memoryMbFree -= count * spec.memoryMb;
    const key = environmentKeyText(spec.key);
    const held = member.holdings.get(key);
    if (held) held.starting += count;
    else member.holdings.set(key, { starting: count, idle: 0, busy: 0 });
  }

  members(): Iterable<Member> {
    return this.#members.values();
  }

  get size(): number {
    return this.#members.size;
  }
}

interface DebitedMember extends Member {
  memoryMbFree: number;
  readonly holdings: Map<EnvironmentKeyText, Count>;
}

function memberOf(report: WorkerReport): DebitedMember {
  const holdings = new Map<EnvironmentKeyText, Count>();
  for (const { key, starting, idle, busy } of report.holdings) {
    if (key) holdings.set(environmentKeyText(key), { starting, idle, busy });
  }
  return {
    workerId: report.workerId,
    draining: report.draining,
    memoryMbFree: Number(report.memoryMbFree),
    slotsFree: report.limits.reduce((sum, limit) => sum + limit.granted - limit.used, 0),
    runtimes: new Set(report.runtimes),
    codeCached: new Set(report.codeCached),
    holdings,
  };
}
