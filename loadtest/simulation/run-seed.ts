import { SeededRandom } from '@lambent/core';
import { pick, scheduleFaults } from './faults.ts';
import type { Violation } from './violation.ts';
import { type PlantedBug, World } from './world.ts';

export interface SeedOptions {
  readonly seed: number;
  readonly planted?: PlantedBug;
  readonly tell?: (line: string) => void;
}

/** What one seed came to. */
export interface SeedRun {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** What calls ended in that should have ended well, long after the last fault. */
  readonly late: readonly string[];
  readonly calls: number;
  /** By outcome or reason. */
  readonly ended: Readonly<Record<string, number>>;
  readonly mostInFlight: number;
  readonly slots: number;
  readonly workers: number;
}

/** Time to come up, then faults, then peace in which everything has to come back. */
const FAULTS_UNTIL_MS = 14_000;
const PEACE_UNTIL_MS = FAULTS_UNTIL_MS + 12_000;
const CALLS_PER_SECOND = 60;
/** In peace, so that half of the slots stay free whatever runs. */
const CALLS_PER_SECOND_AND_SLOT = 1;
/** Calls of the last part of the peace: all of them have to end well. */
const RECOVERED_BY_MS = FAULTS_UNTIL_MS + 10_000;
const STEP_MS = 100;

/** Runs a cluster under faults and load, until everything is over or an invariant does not hold. */
export async function runSeed({ seed, ...options }: SeedOptions): Promise<SeedRun> {
  const world = new World({ seed, ...options });
  const load = new SeededRandom(seed + 1);
  const ended: Record<string, number> = {};
  const late: string[] = [];
  let calls = 0;
  const call = () => {
    const atMs = world.clock.monotonicMs();
    // A few functions get most of the calls.
    const spec = world.functions[Math.floor(world.functions.length * load.fraction() ** 3)];
    const gateway = pick(world.gateways, load);
    const peaceful = Math.min(CALLS_PER_SECOND, world.slots * CALLS_PER_SECOND_AND_SLOT);
    const perSecond = atMs < FAULTS_UNTIL_MS ? CALLS_PER_SECOND : peaceful;
    const gapMs = (-Math.log(1 - load.fraction()) * 1_000) / perSecond;
    if (atMs < PEACE_UNTIL_MS - 1_000) world.clock.setTimer(gapMs, call);
    if (!spec || !gateway) return;
    calls += 1;
    void world.call(gateway, spec, `${seed}-${calls}`).then(outcome => {
      ended[outcome] = (ended[outcome] ?? 0) + 1;
      if (atMs > RECOVERED_BY_MS && outcome !== 'ok') late.push(outcome);
    });
  };
  call();
  scheduleFaults(world, new SeededRandom(seed + 2), FAULTS_UNTIL_MS);
  while (world.clock.monotonicMs() < PEACE_UNTIL_MS + 5_000 && !world.violation)
    await world.clock.advance(STEP_MS);
  const { observer, slots } = world;
  return {
    seed,
    violation: world.violation,
    late,
    calls,
    ended,
    mostInFlight: observer.most,
    slots,
    workers: world.workers.length,
  };
}
