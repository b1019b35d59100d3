/** Every process of a cluster is killed under a steady load, as its machine's kernel would kill it. */
import { after, before, suite, test } from 'node:test';
import { ClusterStage } from './cluster-stage.ts';
import { FaultTrial } from './fault-trial.ts';

suite('under a steady load', () => {
  let stage: ClusterStage;
  let trial: FaultTrial;
  before(async () => {
    stage = await ClusterStage.open();
    trial = await FaultTrial.open(stage);
  });
  after(async () => {
    await trial?.[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
  });

  for (const name of ['gateway-1', 'placement-1', 'events-1', 'worker-1']) {
    test(`a kill -9 of ${name} fails only what was there`, t =>
      trial.run(t, {
        name: `kill-${name}`,
        hit: { processes: [name] },
        strike: async () => void process.kill(stage.member(name).pid, 'SIGKILL'),
      }));
  }

  test('a kill -9 of the process that a keeper keeps fails only what was there', t =>
    trial.run(t, {
      name: 'kill-kept-worker-2',
      hit: { processes: ['worker-2'] },
      strike: async () => void process.kill(await stage.member('worker-2').keptPid(), 'SIGKILL'),
    }));
});
