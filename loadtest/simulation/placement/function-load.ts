import type { Random } from '@lambent/core';
import type { TracedFunction } from '../keep-alive/traced-function.ts';

/** What one function of the simulation is asked for, and what it takes. */
export interface FunctionLoad {
  /** Calls per second in each minute that is played. */
  readonly perSecond: readonly number[];
  /** The most environments that the ten minutes before kept busy; 0: nobody called it. */
  readonly warm: number;
  readonly durationSeconds: number;
  readonly memoryMb: number;
}

/** Where two minutes begin in which more is called than in any other two. */
export function peakOf(day: readonly TracedFunction[]): number {
  const minutes = day[0]?.counts.length ?? 0;
  const calls = Array.from({ length: minutes - 1 }, (_, minute) =>
    day.reduce((sum, { counts }) => sum + (counts[minute] ?? 0) + (counts[minute + 1] ?? 0), 0),
  );
  return calls.indexOf(Math.max(...calls));
}

/** So many functions as each of the traced ones, each with a duration and a memory of its own. */
export function functionLoads(
  day: readonly TracedFunction[],
  copies: number,
  random: Random,
): FunctionLoad[] {
  const peak = peakOf(day);
  return day.flatMap(({ counts }) =>
    Array.from({ length: copies }, () => {
      const durationSeconds = Math.min(TIMEOUT_SECONDS, Math.exp(MU + SIGMA * normal(random)));
      const before = Math.max(...counts.slice(Math.max(0, peak - KEPT_MINUTES), peak));
      return {
        perSecond: counts.slice(peak, peak + 2).map(calls => calls / 60),
        warm:
          before === 0 ? 0 : Math.max(1, Math.min(CONCURRENCY, Math.ceil((before / 60) * durationSeconds))),
        durationSeconds,
        memoryMb: Math.min(MEMORY_MB_MAX, Math.max(MEMORY_MB_MIN, Math.ceil(burr(random)))),
      };
    }),
  );
}

/** How long an environment takes to start: of Huawei's cold starts, in milliseconds. */
export function coldStartMs(random: Random): number {
  return 1_000 * Math.exp(0.296 + 1.326 * normal(random));
}

/** How many of independent events happen where `mean` are expected. */
export function poisson(mean: number, random: Random): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const end = Math.exp(-mean);
  let count = 0;
  for (let product = random.fraction(); product > end; product *= random.fraction()) count += 1;
  return count;
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
}

function burr(random: Random): number {
  return 107.083 * ((1 - random.fraction()) ** (-1 / 0.221) - 1) ** (1 / 11.652);
}

/** Of the published durations' logarithm, in seconds. */
const MU = -0.38;
const SIGMA = 2.36;
/** AWS's own bounds of a function. */
const TIMEOUT_SECONDS = 900;
const MEMORY_MB_MIN = 128;
const MEMORY_MB_MAX = 10_240;
/** What AWS lets a new account have in flight: more than that of one function is refused, not started. */
export const CONCURRENCY = 1_000;
/** How long an idle environment is kept, at least. */
const KEPT_MINUTES = 10;
