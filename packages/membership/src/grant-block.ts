/**
 * How many slots one raise of a grant takes: few enough that a limit goes round, enough that a worker that becomes
 * busy seldom asks. None where none is free.
 */
export function grantBlock({ free, workers }: { readonly free: number; readonly workers: number }): number {
  if (free <= 0) return 0;
  return Math.max(1, Math.min(BLOCK_MAX, Math.floor(free / (SHARES * Math.max(1, workers)))));
}

/** One write to the registry for so many cold starts. */
const BLOCK_MAX = 16;
/** Nobody takes more than a quarter of its even share at once. */
const SHARES = 4;
