/** Every process of a cluster is killed under a steady load, as its machine's kernel would kill it. */
import { existsSync } from 'node:fs';
import { waitFor } from '@lambent/testing';
import { faultSuite, type StagedFault } from './fault-suite.ts';

const MEMBERS = ['gateway-1', 'gateway-2', 'placement-1', 'placement-2', 'events-1', 'events-2'];

const KILLED: readonly StagedFault[] = MEMBERS.map(name => ({
  title: `a kill -9 of ${name} fails only what was there`,
  name: `kill-${name}`,
  strike: async stage => {
    const { pid } = stage.member(name);
    await kill(pid, pid);
    return { processes: [name] };
  },
}));

const WORKERS: readonly StagedFault[] = [
  {
    title: 'a kill -9 of the keeper of the busiest worker fails only what was there',
    name: 'kill-keeper',
    strike: async ({ busiestWorker: worker }) => {
      // What it kept ends by itself, a moment later.
      await kill(worker.pid, await worker.keptPid());
      return { processes: [worker.name] };
    },
  },
  {
    title: 'a kill -9 of what the keeper of the busiest worker keeps fails only what was there',
    name: 'kill-worker',
    strike: async ({ busiestWorker: worker }) => {
      const pid = await worker.keptPid();
      await kill(pid, pid);
      return { processes: [worker.name] };
    },
  },
];

/** Started again at once, on the data they have. */
const ENGINES: readonly StagedFault[] = [
  {
    title: 'a kill -9 and restart of NATS fails only what goes over NATS',
    name: 'restart-nats',
    strike: async ({ foundation }) => {
      await Promise.all(foundation.nats.map(({ engine }) => engine.restart()));
      return { processes: ['nats'] };
    },
  },
  {
    title: 'a kill -9 and restart of etcd fails nothing',
    name: 'restart-etcd',
    strike: async ({ foundation }) => {
      await Promise.all(foundation.etcd.map(({ engine }) => engine.restart()));
      return {};
    },
  },
];

/** Resolves when `last` is gone: until then it may be sent what it will not answer. */
async function kill(pid: number, last: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await waitFor('it to be gone', () => !existsSync(`/proc/${last}`));
}

faultSuite('killed under a steady load', [...KILLED, ...WORKERS, ...ENGINES]);
