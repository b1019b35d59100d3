import type { EnvironmentKeyText } from '@lambent/contracts';

/** One worker as placement knows it: its last report less what it was given since. */
export interface Member {
  readonly workerId: string;
  readonly standing: Standing;
  readonly memoryMbFree: number;
  /** By limit. */
  readonly shares: ReadonlyMap<string, Share>;
  readonly runtimes: ReadonlySet<string>;
  readonly codeCached: ReadonlySet<string>;
  readonly holdings: ReadonlyMap<EnvironmentKeyText, Count>;
}

/**
 * *ready* takes starts; *draining* leaves; *cut-off* has lost its session and can neither start anything nor write its
 * grants; *silent* has not reported for a while.
 */
export type Standing = 'ready' | 'draining' | 'cut-off' | 'silent';

/** A worker's slots of one limit. */
export interface Share {
  readonly granted: number;
  readonly used: number;
  /** More than it was granted. */
  readonly wanted: number;
  /** Environments that start; each will want a slot as soon as it is ready. */
  readonly starting: number;
}

export interface Count {
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
}

/** Slots granted there that nothing uses or will use at once; negative when more starts than it has slots for. */
export function slotsFree({ shares }: Member, limitId: string): number {
  const share = shares.get(limitId);
  return share ? share.granted - share.used - share.starting : 0;
}
