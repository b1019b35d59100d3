import type { EnvironmentKeyText } from '@lambent/contracts';
import type { LimitShares } from './limit-shares.ts';
import type { Member } from './member.ts';
import type { Members } from './member-set.ts';

/**
 * The fleet as whoever decides sees it. Everything is at hand without looking at each worker: cells have hundreds of
 * them, and a decision is to take microseconds.
 */
export interface FleetView {
  /** How many workers are ready. */
  readonly ready: number;
  /** Those that are ready and have the runtime. */
  withRuntime(runtime: string): Members;
  /** Whether any has it, ready or not. */
  hasRuntime(runtime: string): boolean;
  /** Those that have the code, ready or not. */
  withCode(digest: string): Members;
  /** All that are ready and have so much memory free, and some that have less. */
  withRoom(memoryMb: number): Members;
  /** What those that are ready hold of one key. */
  holdings(key: EnvironmentKeyText): KeyHoldings;
  shares(
    limitId: string,
  ): Pick<LimitShares, 'withSlots' | 'givers' | 'idle' | 'promised' | 'unused' | 'unheld'>;
}

export interface KeyHoldings {
  readonly starting: number;
  readonly idle: number;
  readonly holders: Iterable<Member>;
  /** Whatever they do. */
  heldBy(member: Member): number;
}
