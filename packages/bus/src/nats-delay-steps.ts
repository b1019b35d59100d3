/**
 * Delayed messages wait in queues of one delay each, so that they fall due in the order they lie in. Step 0 is what
 * is due at once. A delay is rounded up to the next step, and one beyond the last waits there several times.
 */
export const DELAY_STEPS_MS: readonly number[] = [
  1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 64_000, 120_000, 128_000, 256_000, 300_000,
];

const NOW = 'now';
const AFTER = 'after-';

export interface DelayStep {
  readonly stepMs: number;
  /** What is left to wait afterwards. */
  readonly restMs: number;
}

export function delayStep(ladder: readonly number[], delayMs: number): DelayStep {
  if (delayMs <= 0) return { stepMs: 0, restMs: 0 };
  const last = ladder.at(-1) ?? 0;
  const stepMs = ladder.find(step => step >= delayMs) ?? last;
  return { stepMs, restMs: Math.max(0, delayMs - stepMs) };
}

/** The last part of the subject of a step, and the name of its consumer. */
export function stepName(stepMs: number): string {
  return stepMs === 0 ? NOW : `${AFTER}${stepMs}`;
}

/** Undefined: no name of a step. A ladder of another release may have other steps; they are known by their names. */
export function stepOf(name: string): number | undefined {
  if (name === NOW) return 0;
  const stepMs = name.startsWith(AFTER) ? Number(name.slice(AFTER.length)) : Number.NaN;
  return stepMs > 0 ? stepMs : undefined;
}
