import type { Measurement } from '../load/measurement.ts';

/** What is asked of a block, or of all blocks together. */
type Measured = Pick<Measurement, 'tally' | 'latency' | 'service' | 'throughput' | 'cpuUsPerCall'>;

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/** The numbers that ratios and bounds can speak of. */
const VALUES = {
  p50Ms: ({ latency }: Measured) => latency.p50Ms,
  p90Ms: ({ latency }: Measured) => latency.p90Ms,
  p99Ms: ({ latency }: Measured) => latency.p99Ms,
  maxMs: ({ latency }: Measured) => latency.maxMs,
  serviceP50Ms: ({ service }: Measured) => service.p50Ms,
  serviceP99Ms: ({ service }: Measured) => service.p99Ms,
  throughput: ({ throughput }: Measured) => throughput,
  cpuUsPerCall: ({ cpuUsPerCall }: Measured) => cpuUsPerCall ?? Number.NaN,
  okShare: ({ tally }: Measured) => share(tally.ok, tally.due),
  coldShare: ({ tally }: Measured) => share(tally.cold, tally.ok),
  throttledShare: ({ tally }: Measured) => share(tally.throttled, tally.due),
  unsentShare: ({ tally }: Measured) => share(tally.unsent, tally.due),
} as const;

export type ValueName = keyof typeof VALUES;
export const VALUE_NAMES = Object.keys(VALUES) as [ValueName, ...ValueName[]];

/** NaN where it is not known. */
export function readValue(name: ValueName, measured: Measured): number {
  return VALUES[name](measured);
}
