/** Every process of a cluster is halted for a while under a steady load, as a machine that is short of memory halts it. */
import { faultSuite, type StagedFault } from './fault-suite.ts';
import { elapsed } from './fault-trial.ts';

/** Longer than five heartbeats and than a session: everybody has noticed. */
const HALTED_MS = 6_000;
const MEMBERS = ['gateway-1', 'placement-1', 'events-1'];

const HALTS: readonly StagedFault[] = MEMBERS.map(name => ({
  title: `${name} is halted for ${HALTED_MS} ms, and fails only what was there`,
  name: `halt-${name}`,
  strike: async stage => {
    await halt(stage.member(name).pid);
    return { processes: [name] };
  },
}));

const WORKER: StagedFault = {
  title: `the busiest worker is halted for ${HALTED_MS} ms, and fails only what was there`,
  name: 'halt-worker',
  strike: async ({ busiestWorker: worker }) => {
    await halt(await worker.keptPid());
    return { processes: [worker.name] };
  },
};

async function halt(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await elapsed(HALTED_MS);
  process.kill(pid, 'SIGCONT');
}

faultSuite('halted under a steady load', [...HALTS, WORKER]);
