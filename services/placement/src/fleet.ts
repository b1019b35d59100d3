import {
  type EnvironmentKeyText,
  type EnvironmentSpec,
  environmentKeyText,
  type WorkerReport,
} from '@lambent/contracts';
import type { Clock } from '@lambent/core';
import { POOL_LIMIT_ID } from '@lambent/membership';
import { FleetIndex } from './fleet-index.ts';
import type { FleetView } from './fleet-view.ts';
import type { Count, Member, Share, Standing } from './member.ts';

export interface FleetOptions {
  readonly clock: Clock;
  /** Which limit a function's environments that start will want slots of; the pool where it is not given. */
  readonly limitIdOf?: (functionId: string) => string;
}

/**
 * The live workers and what they hold: soft state, rebuilt from their reports. What has just been given to a worker
 * is debited until its next report, so that two needs in a row do not find the same room.
 */
export class Fleet {
  readonly #clock: Clock;
  readonly #limitIdOf: (functionId: string) => string;
  /** In the order of their last reports, so that those who fell silent stand first. */
  readonly #members = new Map<string, HeardMember>();
  readonly #index = new FleetIndex();
  /** How often somebody began to report, or ceased to. */
  #audience = 0;

  constructor({ clock, limitIdOf = () => POOL_LIMIT_ID }: FleetOptions) {
    this.#clock = clock;
    this.#limitIdOf = limitIdOf;
  }

  report(report: WorkerReport): void {
    const { workerId } = report;
    const member = this.#members.get(workerId) ?? { workerId, ...unheard() };
    if (member.standing === 'silent') this.#audience += 1;
    this.#members.delete(workerId);
    this.#members.set(workerId, member);
    this.#change(member, { ...reported(report, this.#limitIdOf), reportedMs: this.#clock.monotonicMs() });
  }

  leave(workerId: string): void {
    const member = this.#members.get(workerId);
    if (!member) return;
    this.#members.delete(workerId);
    this.#audience += 1;
    this.#change(member, unheard());
  }

  debit(
    workerId: string,
    spec: EnvironmentSpec,
    { count, limitId }: { count: number; limitId: string },
  ): void {
    const member = this.#members.get(workerId);
    if (!member || !spec.key) return;
    member.memoryMbFree -= count * spec.memoryMb;
    this.#index.memoryChanged(member);
    const share = member.shares.get(limitId);
    if (share) share.starting += count;
    else member.shares.set(limitId, { ...NO_SHARE, starting: count });
    this.#index.shareChanged(member, limitId);
    const key = environmentKeyText(spec.key);
    const held = member.holdings.get(key);
    if (held) {
      held.starting += count;
      this.#index.startsMore(member, key, count);
    } else {
      member.holdings.set(key, { starting: count, idle: 0, busy: 0 });
      this.#index.holdingChanged(member, key);
    }
  }

  /** It was told to hold no more than that. */
  lowered(workerId: string, limitId: string, slots: number): void {
    const member = this.#members.get(workerId);
    const share = member?.shares.get(limitId);
    if (member && share) this.#share(member, limitId, { ...share, granted: Math.min(share.granted, slots) });
  }

  /** It raised its grant, or tried. Gives back how many more it still wants. */
  raised(workerId: string, limitId: string, granted: number): number {
    const member = this.#members.get(workerId);
    if (!member) return 0;
    const share = member.shares.get(limitId) ?? NO_SHARE;
    const wanted = Math.max(0, share.wanted - Math.max(0, granted - share.granted));
    this.#share(member, limitId, { ...share, granted, wanted });
    return wanted;
  }

  /** Whether it reports, whatever it says. */
  hears(workerId: string): boolean {
    const member = this.member(workerId);
    return member !== undefined && member.standing !== 'silent';
  }

  /** Another number whenever others than before report. */
  get audience(): number {
    this.#listen();
    return this.#audience;
  }

  member(workerId: string): Member | undefined {
    this.#listen();
    return this.#members.get(workerId);
  }

  /** Everybody who has a stream, heard or silent. */
  members(): Member[] {
    this.#listen();
    return [...this.#members.values()];
  }

  /** As it is now; valid until the next report. */
  view(): FleetView {
    this.#listen();
    return this.#index;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Notices who has fallen silent. */
  #listen(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const member of this.#members.values()) {
      if (nowMs - member.reportedMs <= SILENT_AFTER_MS) return;
      // Noticed before: few, since who is silent for longer loses its stream.
      if (member.standing === 'silent') continue;
      this.#audience += 1;
      this.#change(member, { ...member, standing: 'silent' });
    }
  }

  #share(member: HeardMember, limitId: string, share: Share): void {
    member.shares.set(limitId, share);
    this.#index.shareChanged(member, limitId);
  }

  #change(member: HeardMember, facts: Omit<HeardMember, 'workerId'>): void {
    const before = { ...member };
    Object.assign(member, facts);
    this.#index.changed(member, before);
  }
}

/** The same object for as long as the worker reports: others know it by that. */
interface HeardMember extends Member {
  standing: Standing;
  reportedMs: number;
  memoryMbFree: number;
  shares: Map<string, Changing<Share>>;
  holdings: Map<EnvironmentKeyText, Changing<Count>>;
}

type Changing<T> = { -readonly [Fact in keyof T]: T[Fact] };

/** Of one that has not reported, or left. */
function unheard(): Omit<HeardMember, 'workerId'> {
  return {
    standing: 'silent',
    reportedMs: Number.NEGATIVE_INFINITY,
    memoryMbFree: 0,
    shares: new Map(),
    runtimes: new Set(),
    codeCached: new Set(),
    holdings: new Map(),
  };
}

function reported(
  report: WorkerReport,
  limitIdOf: (functionId: string) => string,
): Omit<HeardMember, 'workerId' | 'reportedMs'> {
  const shares: HeardMember['shares'] = new Map();
  for (const { limitId, granted, used, wanted } of report.limits)
    shares.set(limitId, { granted, used, wanted, starting: 0 });
  const holdings: HeardMember['holdings'] = new Map();
  for (const { key, starting, idle, busy } of report.holdings) {
    if (!key) continue;
    holdings.set(environmentKeyText(key), { starting, idle, busy });
    if (starting === 0) continue;
    const limitId = limitIdOf(key.functionId);
    const share = shares.get(limitId) ?? NO_SHARE;
    shares.set(limitId, { ...share, starting: share.starting + starting });
  }
  return {
    standing: report.draining ? 'draining' : report.sessionLost ? 'cut-off' : 'ready',
    memoryMbFree: Number(report.memoryMbFree),
    shares,
    runtimes: new Set(report.runtimes),
    codeCached: new Set(report.codeCached),
    holdings,
  };
}

const NO_SHARE: Share = { granted: 0, used: 0, wanted: 0, starting: 0 };
/** Three reports that did not come. */
const SILENT_AFTER_MS = 3_000;
