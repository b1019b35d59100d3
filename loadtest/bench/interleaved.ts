import { runClosedLoop } from '../load/loop.ts';
import { type Measurement, measure } from '../load/measurement.ts';
import { Recording } from '../load/recording.ts';
import type { Target } from '../load/target.ts';
import { median, type Ratio, ratioOf } from '../report/ratio.ts';
import type { Bench, Table } from './figure.ts';

export const CALLERS = [1, 16, 64] as const;
/** A hundred bytes of JSON, in the form that JSON.stringify gives. */
export const EVENT = Buffer.from(
  JSON.stringify({
    order: '7f9c24e8',
    items: [1, 2, 3],
    note: 'the same hundred bytes for every path',
  }),
);
export const CONNECTIONS = { event: EVENT, connectionsMax: Math.max(...CALLERS), patienceMs: 30_000 };

/** What can be read from a load. */
export const VALUES = {
  p50Us: ({ latency }) => latency.p50Ms * 1_000,
  p99Us: ({ latency }) => latency.p99Ms * 1_000,
  perSecond: ({ throughput }) => throughput,
  cpuUs: ({ cpuUsPerCall }) => cpuUsPerCall ?? Number.NaN,
} as const satisfies Readonly<Record<string, (measured: Measurement) => number>>;
export type Value = keyof typeof VALUES;

/** Closed loops of 1, 16 and 64 callers on several targets, taking turns block by block, so that all see the same machine. */
export class Interleaved {
  readonly #measured: readonly Measurement[];
  readonly #targets: readonly string[];

  private constructor(targets: readonly Target[], measured: readonly Measurement[]) {
    this.#targets = targets.map(({ name }) => name);
    this.#measured = measured;
  }

  /** One load more than is counted makes everything warm. */
  static async measure(targets: readonly Target[], bench: Bench): Promise<Interleaved> {
    const measured: Measurement[] = [];
    for (const target of targets) await load(target, { callers: Math.max(...CALLERS), block: 0, bench });
    for (let block = 1; block <= bench.blocks; block++) {
      for (const callers of CALLERS) {
        for (const target of targets) {
          bench.progress(`warm: block ${block}/${bench.blocks}, ${callers} callers, ${target.name}`);
          measured.push(await load(target, { callers, block, bench }));
        }
      }
    }
    return new Interleaved(targets, measured);
  }

  /** Of each block. */
  of(target: string, callers: number, value: Value): readonly number[] {
    return this.#measured
      .filter(measured => measured.target === target && measured.phase === String(callers))
      .map(VALUES[value]);
  }

  ratio(
    above: string,
    below: string,
    { callers, value }: { callers: number; value: Value },
  ): Ratio | undefined {
    return ratioOf(this.of(above, callers, value), this.of(below, callers, value));
  }

  /** The medians of the blocks. */
  table(): Table {
    const values = Object.keys(VALUES) as Value[];
    return {
      title: 'warm, medians of blocks',
      columns: ['p50 µs', 'p99 µs', 'per s', 'CPU µs'],
      rows: CALLERS.flatMap(callers =>
        this.#targets.map(
          target =>
            [
              `${target}, ${callers}`,
              ...values.map(value => median(this.of(target, callers, value))),
            ] as const,
        ),
      ),
    };
  }
}

/** Anything but right answers ends the run: a fast wrong answer is no measurement. */
export async function load(
  target: Target,
  { callers, block, bench }: { callers: number; block: number; bench: Bench },
): Promise<Measurement> {
  const { clock, signal, blockMs: durationMs } = bench;
  signal.throwIfAborted();
  const recording = new Recording({ clock });
  const measured = await measure(target, recording, { phase: String(callers), block }, () =>
    runClosedLoop({ target, recording, clock, signal, callers, copies: 1, durationMs }),
  );
  signal.throwIfAborted();
  const { sent, ok, errors } = measured.tally;
  if (ok !== sent)
    throw new Error(`${target.name}: ${sent - ok} of ${sent} calls: ${JSON.stringify(errors)}`);
  return measured;
}
