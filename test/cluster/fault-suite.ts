import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ClusterStage, type StagePlan } from './cluster-stage.ts';
import type { Hit } from './fault-record.ts';
import { FaultTrial } from './fault-trial.ts';
import { StageFootprint } from './stage-footprint.ts';

export interface StagedFault {
  readonly title: string;
  /** Without spaces. */
  readonly name: string;
  /** Resolves with whom it hit when the fault is over; what died may still be coming back. */
  readonly strike: (stage: ClusterStage) => Promise<Hit>;
}

/** Each fault under a steady load, one after the other on one stage; at the end nothing of it is left. */
export function faultSuite(title: string, faults: readonly StagedFault[], plan: StagePlan = {}): void {
  suite(title, () => {
    let stage: ClusterStage;
    let trial: FaultTrial;
    before(async () => {
      stage = await ClusterStage.open(plan);
      trial = await FaultTrial.open(stage);
    });
    after(async () => {
      await trial?.[Symbol.asyncDispose]();
      await stage?.[Symbol.asyncDispose]();
    });

    for (const { strike, ...fault } of faults)
      test(fault.title, t => trial.run(t, { ...fault, strike: () => strike(stage) }));

    test('in the end everything drains and nothing is left behind', async t => {
      const footprint = await StageFootprint.of(stage);
      await trial[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
      const left = await footprint.remaining();
      t.diagnostic(`of ${footprint.processes} processes and all that was theirs ${left.length} are left`);
      assert.deepEqual(left, []);
    });
  });
}
