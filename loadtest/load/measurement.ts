import type { LatencySummary } from './latency.ts';
import type { Recording } from './recording.ts';
import type { Tally } from './tally.ts';
import type { Target } from './target.ts';

/** What one target did in one phase of one block, in numbers. */
export interface Measurement {
  readonly target: string;
  readonly phase: string;
  /** Counted from 1. */
  readonly block: number;
  readonly seconds: number;
  readonly tally: Tally;
  /** Of good answers, from when a call was due. */
  readonly latency: LatencySummary;
  /** Of good answers, from when a call was sent. */
  readonly service: LatencySummary;
  /** Of all calls, between due and sent: the harness's own. */
  readonly lag: LatencySummary;
  /** Good answers per second, while it sent. */
  readonly throughput: number;
  /** Of everything behind the target, for each call sent; where that can be known. */
  readonly cpuUsPerCall?: number;
}

/** Lets `run` load a target and gives what was recorded in numbers. */
export async function measure(
  target: Target,
  recording: Recording,
  which: Pick<Measurement, 'phase' | 'block'>,
  run: () => Promise<void>,
): Promise<Measurement> {
  const beforeUs = target.cpuUs?.() ?? 0;
  await run();
  const usedUs = target.cpuUs && target.cpuUs() - beforeUs;
  recording.close();
  const tally = recording.tally();
  return {
    target: target.name,
    ...which,
    seconds: recording.seconds,
    tally,
    latency: recording.latency.summary(),
    service: recording.service.summary(),
    lag: recording.lag.summary(),
    throughput: recording.throughput,
    ...(usedUs !== undefined && tally.sent > 0 && { cpuUsPerCall: usedUs / tally.sent }),
  };
}
