import type { Clock, Random } from '@lambent/core';
import { type Arrivals, burstArrivals, rampArrivals, traceArrivals } from '../load/arrivals.ts';
import { runClosedLoop, runOpenLoop } from '../load/loop.ts';
import { type Measurement, measure } from '../load/measurement.ts';
import { Recording } from '../load/recording.ts';
import { Series, type SeriesRow } from '../load/series.ts';
import { Totals } from '../report/totals.ts';
import type { Phase, Scenario } from '../scenarios/scenario.ts';
import { readTrace } from '../scenarios/trace-file.ts';
import type { OpenedTarget } from './open-targets.ts';

/** Rows of all series together: 10,000 make a report of about 2 MB. */
const SERIES_ROWS_MAX = 10_000;

export interface RunOptions {
  readonly scenario: Scenario;
  readonly targets: readonly OpenedTarget[];
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the run early; what was measured until then is its result. */
  readonly signal: AbortSignal;
  /** Told what is being loaded, each time that changes. */
  readonly watch: (watched: Watched) => void;
}

/** What is going on. */
export interface Watched {
  readonly phase: string;
  readonly block: number;
  readonly seconds: number;
  readonly targets: readonly { readonly name: string; readonly recording: Recording }[];
}

export interface SeriesOf {
  readonly target: string;
  readonly phase: string;
  readonly block: number;
  readonly rows: readonly SeriesRow[];
}

/** What a run measured. Warm-ups are in none of it. */
export interface Results {
  /** Of every target, phase and block. */
  readonly measurements: readonly Measurement[];
  /** Of every target and phase, all blocks together. */
  readonly totals: ReturnType<Totals['read']>;
  readonly series: readonly SeriesOf[];
  /** Of a row of a series. */
  readonly intervalSeconds: number;
  readonly interrupted: boolean;
}

/** Goes through the phases block by block, the targets of each one after the other or all together. */
export async function runScenario(options: RunOptions): Promise<Results> {
  const { scenario, targets, signal } = options;
  const run = new ScenarioRun(options);
  for (let block = 1; block <= scenario.blocks; block += 1) {
    for (const phase of scenario.phases) {
      if (!phase.measured && block > 1) continue;
      const turns = scenario.targetsRun === 'together' ? [targets] : targets.map(target => [target]);
      for (const turn of turns) if (!signal.aborted) await run.load(turn, { phase, block });
    }
  }
  return run.results();
}

class ScenarioRun {
  readonly #options: RunOptions;
  readonly #measurements: Measurement[] = [];
  readonly #totals = new Totals();
  readonly #series: SeriesOf[] = [];
  readonly #originMs: number;
  readonly #intervalMs: number;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#originMs = options.clock.monotonicMs();
    this.#intervalMs = seriesIntervalMs(options.scenario);
  }

  /** Loads `turn`, all of it at the same time. */
  async load(
    turn: readonly OpenedTarget[],
    { phase, block }: { phase: Phase; block: number },
  ): Promise<void> {
    const lanes = turn.map(opened => {
      const rows: SeriesRow[] = [];
      const series = new Series({
        originMs: this.#originMs,
        intervalMs: this.#intervalMs,
        take: row => rows.push(row),
      });
      const recording = new Recording({ clock: this.#options.clock, series });
      return { opened, rows, recording, name: opened.target.name };
    });
    this.#options.watch({ phase: phase.name, block, seconds: phase.seconds, targets: lanes });
    await Promise.all(
      lanes.map(async ({ opened, rows, recording }) => {
        const which = { phase: phase.name, block };
        const { cpuUsPerCall, ...measured } = await measure(opened.target, recording, which, () =>
          this.#run(opened, phase, recording),
        );
        if (!phase.measured) return;
        // Of targets that are loaded together nobody can say whose the CPU was.
        const cpu = turn.length === 1 && cpuUsPerCall !== undefined && { cpuUsPerCall };
        const measurement = { ...measured, ...cpu };
        this.#measurements.push(measurement);
        this.#totals.add(measurement, recording);
        this.#series.push({ target: measured.target, ...which, rows });
      }),
    );
  }

  results(): Results {
    return {
      measurements: this.#measurements,
      totals: this.#totals.read(),
      series: this.#series,
      intervalSeconds: this.#intervalMs / 1_000,
      interrupted: this.#options.signal.aborted,
    };
  }

  async #run({ target, copies }: OpenedTarget, phase: Phase, recording: Recording): Promise<void> {
    const { clock, signal } = this.#options;
    const loop = { target, recording, clock, signal, durationMs: phase.seconds * 1_000 };
    if (phase.callers !== undefined) return await runClosedLoop({ ...loop, callers: phase.callers, copies });
    const arrivals = await arrivalsOf(phase, copies, this.#options.random);
    await runOpenLoop({ ...loop, arrivals, outstandingMax: phase.outstandingMax });
  }
}

async function arrivalsOf(phase: Phase, copies: number, random: Random): Promise<Arrivals> {
  const { rate, ramp, burst, trace, spacing, seconds } = phase;
  const durationMs = seconds * 1_000;
  if (burst) return burstArrivals({ ...burst, durationMs, copies });
  if (!trace) {
    const rates = ramp ?? { from: rate ?? 0, to: rate ?? 0 };
    return rampArrivals({ ...rates, durationMs, spacing, copies, random });
  }
  const minutes = Math.ceil(seconds / trace.minuteSeconds);
  const counts = await readTrace({ ...trace, functions: copies, minutes });
  return traceArrivals({ durationMs, counts, intervalMs: trace.minuteSeconds * 1_000, random });
}

/** A second, or as many as keep all rows within their bound. */
function seriesIntervalMs({ phases, targets, blocks, targetsRun }: Scenario): number {
  const seconds = phases.reduce((sum, phase) => sum + (phase.measured ? phase.seconds : 0), 0);
  const rowsPerSecond = targetsRun === 'together' ? targets.length : 1;
  const turns = targetsRun === 'together' ? 1 : targets.length;
  return 1_000 * Math.max(1, Math.ceil((seconds * blocks * turns * rowsPerSecond) / SERIES_ROWS_MAX));
}
