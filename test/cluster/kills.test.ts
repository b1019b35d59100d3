/** Every process of a cluster is killed under a steady load, as its machine's kernel would kill it. */
import { faultSuite, type StagedFault } from './fault-suite.ts';

const MEMBERS = ['gateway-1', 'gateway-2', 'placement-1', 'placement-2', 'events-1', 'events-2', 'worker-1'];

const WHOLE: readonly StagedFault[] = MEMBERS.map(name => ({
  title: `a kill -9 of ${name} fails only what was there`,
  name: `kill-${name}`,
  hit: { processes: [name] },
  strike: async stage => void process.kill(stage.member(name).pid, 'SIGKILL'),
}));

const KEPT: StagedFault = {
  title: 'a kill -9 of what the keeper of worker-2 keeps fails only what was there',
  name: 'kill-kept-worker-2',
  hit: { processes: ['worker-2'] },
  strike: async stage => void process.kill(await stage.member('worker-2').keptPid(), 'SIGKILL'),
};

/** Started again at once, on the data it has. */
const ENGINES: readonly StagedFault[] = [
  {
    title: 'a kill -9 and restart of NATS fails only what goes over NATS',
    name: 'restart-nats',
    hit: { processes: ['nats-1'] },
    strike: async stage =>
      void (await Promise.all(stage.foundation.nats.map(({ engine }) => engine.restart()))),
  },
  {
    title: 'a kill -9 and restart of etcd fails nothing',
    name: 'restart-etcd',
    hit: {},
    strike: async stage =>
      void (await Promise.all(stage.foundation.etcd.map(({ engine }) => engine.restart()))),
  },
];

faultSuite('killed under a steady load', [...WHOLE, KEPT, ...ENGINES]);
