import { type CurvePoint, Latency } from '../load/latency.ts';
import type { Measurement } from '../load/measurement.ts';
import type { Recording } from '../load/recording.ts';
import { addTallies } from '../load/tally.ts';

/** One target in one phase, all blocks together. */
export interface Total extends Omit<Measurement, 'block'> {
  readonly blocks: number;
  /** Latency by percentile. */
  readonly curve: readonly CurvePoint[];
}

interface Gathered {
  readonly measurements: Measurement[];
  readonly latency: Latency;
  readonly service: Latency;
  readonly lag: Latency;
}

/** Gathers the blocks of each target and phase: histograms are added, so that the percentiles are those of all calls. */
export class Totals {
  readonly #gathered = new Map<string, Gathered>();

  add(measurement: Measurement, recording: Pick<Recording, 'latency' | 'service' | 'lag'>): void {
    const key = JSON.stringify([measurement.phase, measurement.target]);
    const gathered = this.#gathered.get(key) ?? {
      ...{ measurements: [], latency: new Latency(), service: new Latency(), lag: new Latency() },
    };
    this.#gathered.set(key, gathered);
    gathered.measurements.push(measurement);
    for (const kind of ['latency', 'service', 'lag'] as const) gathered[kind].add(recording[kind]);
  }

  /** In the order in which they came first. */
  read(): readonly Total[] {
    return Array.from(this.#gathered.values(), totalOf);
  }
}

function totalOf({ measurements, latency, service, lag }: Gathered): Total {
  const [{ target, phase } = { target: '', phase: '' }] = measurements;
  const sum = (value: (measured: Measurement) => number) =>
    measurements.reduce((total, measured) => total + value(measured), 0);
  const seconds = sum(measured => measured.seconds);
  const tally = addTallies(measurements.map(measured => measured.tally));
  const cpuUs = sum(measured => (measured.cpuUsPerCall ?? Number.NaN) * measured.tally.sent);
  return {
    ...{ target, phase, blocks: measurements.length, seconds, tally },
    latency: latency.summary(),
    service: service.summary(),
    lag: lag.summary(),
    curve: latency.curve(),
    throughput: seconds === 0 ? 0 : sum(measured => measured.throughput * measured.seconds) / seconds,
    ...(Number.isFinite(cpuUs) && tally.sent > 0 && { cpuUsPerCall: cpuUs / tally.sent }),
  };
}
