import { create } from '@bufbuild/protobuf';
import {
  type EnvironmentSpec,
  EnvironmentSpecSchema,
  type WorkerReport,
  WorkerReportSchema,
} from '@lambent/contracts';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { POOL_LIMIT_ID } from '@lambent/membership';
import { advise, Fleet } from '@lambent/placement';

const DECISIONS = 200_000;
/** Before anything is timed: code is compiled by then. */
const UNTIMED = 20_000;
/** As many as run at once somewhere between the mean and the peak of a day. */
const HELD = 100;
const SLOTS = 400;

/** What each of many decisions of the policy takes, in microseconds, over so many workers and functions. */
export function timePolicy(options: {
  readonly seed: number;
  readonly workers: number;
  readonly functions: number;
}): number[] {
  const { seed, workers, functions } = options;
  const random = new SeededRandom(seed);
  const fleet = new Fleet({ clock: new SimulatedClock() });
  const grants = new Map<string, number>();
  for (let worker = 0; worker < workers; worker++) {
    grants.set(`w-${worker}`, SLOTS);
    const held = Array.from({ length: HELD }, (_, index) => (worker * HELD + index) % functions);
    fleet.report(reportOf(`w-${worker}`, held));
  }
  const limit = { id: POOL_LIMIT_ID, slots: workers * SLOTS, grants };
  const times: number[] = [];
  for (let decision = 0; decision < DECISIONS; decision++) {
    const spec = specOf(Math.floor(random.fraction() * functions));
    const startedAt = performance.now();
    const advice = advise(fleet.view(), { spec, waiting: 1 }, limit, random);
    if (advice.kind === 'start')
      for (const { workerId, count } of advice.starts)
        fleet.debit(workerId, spec, { count, limitId: POOL_LIMIT_ID });
    if (decision >= UNTIMED) times.push((performance.now() - startedAt) * 1_000);
  }
  return times;
}

function specOf(number: number): EnvironmentSpec {
  return create(EnvironmentSpecSchema, {
    key: { functionId: `f-${number}`, version: '1', revision: 1n, tenantId: '' },
    runtime: 'nodejs24.x',
    memoryMb: 128,
    codeSha256: `c-${number}`,
  });
}

function reportOf(workerId: string, held: readonly number[]): WorkerReport {
  return create(WorkerReportSchema, {
    workerId,
    memoryMbFree: 65_536n,
    runtimes: ['nodejs24.x'],
    limits: [{ limitId: POOL_LIMIT_ID, granted: SLOTS, used: held.length, wanted: 0 }],
    holdings: held.map(number => ({
      key: { functionId: `f-${number}`, version: '1', revision: 1n },
      busy: 1,
    })),
    codeCached: held.map(number => `c-${number}`),
  });
}
