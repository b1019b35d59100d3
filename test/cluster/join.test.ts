/** A worker on a second machine: it joins with one file, functions run there, and it can be forgotten. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import {
  type ClusterProcess,
  type LambentProcess,
  startCluster,
  startLambent,
  TEST_TOOLS,
  waitFor,
} from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { type PrivateHost, PrivateNetwork } from './private-network.ts';

const run = promisify(execFile);
const OWNER_ONLY = 0o600;

/** As `lambent status --json` has it. */
interface Status {
  readonly registry: {
    readonly workers: readonly {
      readonly id: string;
      readonly address: string;
      readonly alive: boolean;
      readonly granted: Readonly<Record<string, number>>;
    }[];
    readonly limits: readonly { readonly id: string; readonly free: number; readonly slots: number }[];
  };
}

suite('a cluster on one machine and a worker on another', () => {
  let network: PrivateNetwork;
  let [here, there]: PrivateHost[] = [];
  let cluster: ClusterProcess;
  let worker: LambentProcess;
  before(async () => {
    network = await PrivateNetwork.open();
    here = await network.addHost('here');
    there = await network.addHost('there');
    cluster = await startCluster({
      ...{ gateways: 1, placements: 1, workers: 0, events: 1 },
      args: ['--advertise', here.address, '--insecure-listen'],
      enter: here.enter,
    });
    const join = path.join(cluster.dataDirectory, 'join.json');
    worker = await startLambent({ command: 'worker', args: ['--join', join], enter: there.enter });
  });
  after(async () => {
    await worker?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  /** A command on the cluster's machine. */
  async function lambent(...args: readonly string[]) {
    const main = path.join(TEST_TOOLS.repository, 'cli/src/main.ts');
    const [program, ...enter] = here?.enter ?? [];
    const command = [...enter, process.execPath, main, ...args, '--data', cluster.dataDirectory];
    return run(program ?? '', command).catch((error: { stdout: string; stderr: string }) => error);
  }

  async function theWorker() {
    const { registry } = JSON.parse((await lambent('status', '--json')).stdout) as Status;
    const [found] = registry.workers;
    assert.ok(found && registry.workers.length === 1);
    return { ...found, limits: registry.limits };
  }

  test('what it joins with is for nobody but the owner', async () => {
    const { mode } = await stat(path.join(cluster.dataDirectory, 'join.json'));
    assert.equal(mode & 0o777, OWNER_ONLY);
  });

  test('functions run on it, and its slots are told', async () => {
    const echo = await deploy(cluster.client(), {
      files: { 'index.mjs': 'export const handler = async event => event;' },
    });
    assert.deepEqual((await echo.invoke({ from: 'afar' })).payload, { from: 'afar' });
    const { address, alive, granted } = await theWorker();
    assert.equal(address.split(':')[0], there?.address);
    assert.equal(alive, true);
    assert.ok((granted['pool'] ?? 0) > 0);
  });

  test('it is not forgotten while it runs, and frees its slots when it is gone for good', async () => {
    const { id } = await theWorker();
    assert.match((await lambent('worker', 'forget', id)).stderr, /runs: stop it or switch its machine off/);
    await worker.kill9();
    const lost = await waitFor('its session to end', async () => {
      const found = await theWorker();
      return !found.alive && found;
    });
    assert.ok((lost.granted['pool'] ?? 0) > 0, 'its slots are still its own');
    const { stdout } = await lambent('worker', 'forget', id);
    assert.match(stdout, new RegExp(`${id} is forgotten; \\d+ slots? (is|are) free again`));
    const { stdout: status } = await lambent('status', '--json');
    const { workers, limits } = (JSON.parse(status) as Status).registry;
    assert.deepEqual(workers, []);
    assert.ok(limits.every(({ slots, free }) => free === slots));
  });
});
