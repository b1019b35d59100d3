import type { Results } from '../run/run-scenario.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { type Ratio, ratioOf } from './ratio.ts';
import { readValue, type ValueName } from './values.ts';

/** Where and when it was measured: what is read from numbers depends on it. */
export interface Circumstances {
  readonly scenario: string;
  /** In words: what was started, or the endpoint. */
  readonly against: string;
  readonly startedAt: string;
  readonly machine: string;
  /** Of this process, while it measured. On a machine that it shares with what it loads, it is part of the load. */
  readonly harnessCpuSeconds: number;
  readonly seconds: number;
}

interface Limits {
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
}

export interface RatioFound extends Limits {
  readonly name: string;
  readonly ratio: Ratio | undefined;
  readonly kept: boolean;
}

export interface BoundFound extends Limits {
  readonly name: string;
  /** Null where it is not known, which keeps no bound. */
  readonly value: number | null;
  readonly kept: boolean;
}

/** All that a run has to say; the table and the page are made from it alone. */
export interface Report extends Circumstances, Results {
  readonly description: string;
  readonly ratios: readonly RatioFound[];
  readonly bounds: readonly BoundFound[];
}

export function createReport(scenario: Scenario, results: Results, circumstances: Circumstances): Report {
  const { measurements, totals } = results;
  const blocksOf = (target: string, phase: string, value: ValueName) =>
    measurements
      .filter(measured => measured.target === target && measured.phase === phase)
      .map(measured => readValue(value, measured));
  const ratios = scenario.ratios.map(({ name, of, to, phase, toPhase = phase, value, atMost, atLeast }) => {
    const ratio = ratioOf(blocksOf(of, phase, value), blocksOf(to, toPhase, value));
    return { name, atMost, atLeast, ratio, kept: isKept(ratio?.median, { atMost, atLeast }) };
  });
  const bounds = scenario.bounds.map(({ target, phase, value, atMost, atLeast }) => {
    const total = totals.find(found => found.target === target && found.phase === phase);
    const found = total ? readValue(value, total) : Number.NaN;
    const known = Number.isFinite(found) ? found : null;
    const name = `${target}, ${phase}: ${value}`;
    return { name, atMost, atLeast, value: known, kept: isKept(known ?? undefined, { atMost, atLeast }) };
  });
  return { ...circumstances, description: scenario.description, ...results, ratios, bounds };
}

/** Whether nothing that the scenario demands is broken. */
export function keepsBounds({ ratios, bounds }: Report): boolean {
  return [...ratios, ...bounds].every(({ kept }) => kept);
}

export function showLimits({ atMost, atLeast }: Limits): string {
  return [atMost !== undefined && `≤ ${atMost}`, atLeast !== undefined && `≥ ${atLeast}`]
    .filter(Boolean)
    .join(' and ');
}

function isKept(value: number | undefined, { atMost, atLeast }: Limits): boolean {
  if (atMost === undefined && atLeast === undefined) return true;
  return value !== undefined && value <= (atMost ?? value) && value >= (atLeast ?? value);
}
