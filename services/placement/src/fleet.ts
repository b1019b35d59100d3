import {
  type EnvironmentKeyText,
  type EnvironmentSpec,
  environmentKeyText,
  type WorkerReport,
} from '@lambent/contracts';
import type { Clock } from '@lambent/core';
import type { Count, Member, Share, Standing } from './member.ts';

/**
 * The live workers and what they hold: soft state, rebuilt from their reports. What has just been given to a worker
 * is debited until its next report, so that two needs in a row do not find the same room.
 */
export class Fleet {
  readonly #clock: Clock;
  readonly #members = new Map<string, DebitedMember>();

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  report(report: WorkerReport): void {
    this.#members.set(report.workerId, memberOf(report, this.#clock.monotonicMs()));
  }

  leave(workerId: string): void {
    this.#members.delete(workerId);
  }

  debit(workerId: string, spec: EnvironmentSpec, count: number): void {
    const member = this.#members.get(workerId);
    if (!member || !spec.key) return;
    member.memoryMbFree -= count * spec.memoryMb;
    member.starting += count;
    const key = environmentKeyText(spec.key);
    const held = member.holdings.get(key);
    if (held) held.starting += count;
    else member.holdings.set(key, { starting: count, idle: 0, busy: 0 });
  }

  /** It was told to hold no more than that. */
  lowered(workerId: string, limitId: string, slots: number): void {
    const share = this.#members.get(workerId)?.shares.get(limitId);
    if (share) share.granted = Math.min(share.granted, slots);
  }

  /** It raised its grant, or tried. Gives back how many more it still wants. */
  raised(workerId: string, limitId: string, granted: number): number {
    const shares = this.#members.get(workerId)?.shares;
    if (!shares) return 0;
    const share = shares.get(limitId) ?? { granted: 0, used: 0, wanted: 0 };
    const wanted = Math.max(0, share.wanted - Math.max(0, granted - share.granted));
    shares.set(limitId, { ...share, granted, wanted });
    return wanted;
  }

  /** Whether it reports, whatever it says. */
  hears(workerId: string): boolean {
    const member = this.#members.get(workerId);
    return member !== undefined && this.#standing(member) !== 'silent';
  }

  member(workerId: string): Member | undefined {
    const member = this.#members.get(workerId);
    if (member) member.standing = this.#standing(member);
    return member;
  }

  members(): Member[] {
    const members = [...this.#members.values()];
    for (const member of members) member.standing = this.#standing(member);
    return members;
  }

  get size(): number {
    return this.#members.size;
  }

  #standing(member: DebitedMember): Standing {
    if (this.#clock.monotonicMs() - member.reportedMs > SILENT_AFTER_MS) return 'silent';
    return member.reportedStanding;
  }
}

interface DebitedMember extends Member {
  standing: Standing;
  readonly reportedStanding: Standing;
  readonly reportedMs: number;
  memoryMbFree: number;
  starting: number;
  readonly shares: Map<string, Share>;
  readonly holdings: Map<EnvironmentKeyText, Count>;
}

function memberOf(report: WorkerReport, reportedMs: number): DebitedMember {
  const holdings = new Map<EnvironmentKeyText, Count>();
  let starting = 0;
  for (const { key, ...count } of report.holdings) {
    starting += count.starting;
    if (key)
      holdings.set(environmentKeyText(key), {
        starting: count.starting,
        idle: count.idle,
        busy: count.busy,
      });
  }
  const standing = report.draining ? 'draining' : report.sessionLost ? 'cut-off' : 'ready';
  return {
    workerId: report.workerId,
    standing,
    reportedStanding: standing,
    reportedMs,
    memoryMbFree: Number(report.memoryMbFree),
    shares: new Map(
      report.limits.map(({ limitId, granted, used, wanted }) => [limitId, { granted, used, wanted }]),
    ),
    runtimes: new Set(report.runtimes),
    codeCached: new Set(report.codeCached),
    holdings,
    starting,
  };
}

/** Three reports that did not come. */
const SILENT_AFTER_MS = 3_000;
