/** Every process of a cluster is halted for a while under a steady load, as a machine that is short of memory halts it. */
import type { ClusterStage } from './cluster-stage.ts';
import { faultSuite, type StagedFault } from './fault-suite.ts';
import { elapsed } from './fault-trial.ts';

/** Longer than five heartbeats and than a session: everybody has noticed. */
const HALTED_MS = 6_000;
const MEMBERS = ['gateway-1', 'placement-1', 'events-1', 'worker-1'];

const HALTS: readonly StagedFault[] = MEMBERS.map(name => ({
  title: `${name} is halted for ${HALTED_MS} ms, and fails only what was there`,
  name: `halt-${name}`,
  hit: { processes: [name] },
  strike: async stage => {
    const pid = await workingPid(stage, name);
    process.kill(pid, 'SIGSTOP');
    await elapsed(HALTED_MS);
    process.kill(pid, 'SIGCONT');
  },
}));

async function workingPid(stage: ClusterStage, name: string): Promise<number> {
  const member = stage.member(name);
  return member.role === 'worker' ? member.keptPid() : member.pid;
}

faultSuite('halted under a steady load', HALTS);
