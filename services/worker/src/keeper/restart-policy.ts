/** A process that lived this long did its work; what ended it is not what it was started with. */
export const STABLE_MS = 60_000;
/** Early ends in a row after which starting again is no cure: at the delays below, about a minute. */
export const EARLY_ENDS_MAX = 8;

/** Of a process that was never ready: what it was started with will not do, and whoever started it is waiting. */
export const FIRST_ENDS_MAX = 3;

const DELAY_FIRST_MS = 200;
const DELAY_MAX_MS = 30_000;

/** How many early ends in a row there have been, after one more end. */
export function countEarlyEnds(before: number, livedMs: number): number {
  return livedMs >= STABLE_MS ? 1 : before + 1;
}

/** How long to wait before the next start: 0.2, 0.4, 0.8 … 30 s. `undefined` to give up. */
export function restartDelayMs(earlyEnds: number, everReady: boolean): number | undefined {
  if (everReady ? earlyEnds > EARLY_ENDS_MAX : earlyEnds >= FIRST_ENDS_MAX) return undefined;
  return Math.min(DELAY_MAX_MS, DELAY_FIRST_MS * 2 ** (earlyEnds - 1));
}
