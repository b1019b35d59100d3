/**
 * How many slots one raise takes that nobody advised: few enough that a limit goes round, enough that a worker that
 * becomes busy seldom asks. Placement reckons alike for the turns that it gives.
 */
export function grantBlock({ free, workers }: { readonly free: number; readonly workers: number }): number {
  return Math.max(1, Math.min(BLOCK_MAX, Math.floor(free / (SHARES * Math.max(1, workers)))));
}

const BLOCK_MAX = 16;
/** Of what is free, each worker takes this part of its own share. */
const SHARES = 4;
