/** Nothing outlives Lambent: by the kernel's account, not by its own. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Footprint, type LambentProcess, startLambent, waitFor } from '@lambent/testing';
import { DeployedFunction, deploy } from '../deployed-function.ts';
import { pythonRuntime } from '../python-runtime.ts';

/** The promise: whatever ends it, after five seconds nothing is left. */
const GONE_WITHIN_MS = 5_000;

/** Leaves a process of its own group and session behind, as a daemon would. */
const DAEMON = {
  'index.mjs': `import { spawn } from 'node:child_process';
export const handler = async () => {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  child.unref();
  return child.pid > 0;
};`,
};
const STUCK = {
  'index.py': 'def handler(event, context):\n    print("stuck", flush=True)\n    while True: pass',
};

/** Runs functions of each kind, the last of which is still running, and takes the footprint of everything. */
async function busyFootprint(lambent: LambentProcess): Promise<Footprint> {
  const client = lambent.client();
  const daemon = await deploy(client, { files: DAEMON });
  assert.equal((await daemon.invoke()).payload, true);
  const idle = (await Footprint.of(lambent.pid, lambent.dataDirectory)).processes;
  const stuck = await deploy(client, { files: STUCK, runtime: pythonRuntime(), timeoutSeconds: 60 });
  // It ends with Lambent, not by itself.
  stuck.invoke().catch(() => undefined);
  return waitFor('the stuck function to run', async () => {
    const footprint = await Footprint.of(lambent.pid, lambent.dataDirectory);
    return footprint.processes > idle && footprint;
  });
}

async function expectGone(footprint: Footprint, dataDirectory: string): Promise<void> {
  let left: readonly string[] = [];
  const gone = async () => {
    const files = await readdir(path.join(dataDirectory, 'sandboxes')).catch(() => []);
    left = [...(await footprint.remaining()), ...files.map(file => `file sandboxes/${file}`)];
    return left.length === 0;
  };
  await waitFor('everything to be gone', gone, { timeoutMs: GONE_WITHIN_MS }).catch(() => undefined);
  assert.deepEqual(left, []);
}

/** Where something is mounted for a single sandbox, each of which has a directory of its own. */
async function sandboxMounts(dataDirectory: string): Promise<string[]> {
  const points = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map(line => line.split(' ')[4] ?? '');
  const own = path.join(dataDirectory, 'sandboxes', 'late');
  return points.filter(point => point.startsWith(own) && /^\/[0-9a-f]{16}\//.test(point.slice(own.length)));
}

test('a kill -9 of the whole leaves nothing behind', async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'lambent-kill-'));
  try {
    const lambent = await startLambent({ dataDirectory: data });
    const footprint = await busyFootprint(lambent);
    await lambent.kill9();
    await expectGone(footprint, lambent.dataDirectory);
  } finally {
    await rm(data, { recursive: true });
  }
});

test('a kill -9 of what the keeper keeps leaves nothing of it behind, and the keeper starts it again', async () => {
  await using lambent = await startLambent();
  const name = 'comes-back';
  await deploy(lambent.client(), {
    name,
    files: { 'index.mjs': 'export const handler = async () => "here";' },
  });
  const footprint = await busyFootprint(lambent);
  const mounted = await sandboxMounts(lambent.dataDirectory);
  const children = await readFile(`/proc/${lambent.pid}/task/${lambent.pid}/children`, 'utf8');
  const [kept] = children.trim().split(' ');
  process.kill(Number(kept), 'SIGKILL');
  await waitFor('it to serve again, wherever it listens now', async () => {
    await lambent.ready();
    return (await new DeployedFunction(lambent.client(), name).invoke()).payload === 'here';
  });
  // The keeper itself goes on, and the packet filter is the new one's too, which by now has mounts of its own.
  const keeper = `process ${lambent.pid} `;
  const left = await footprint.remaining();
  assert.deepEqual(
    left.filter(each => ![keeper, 'packet filter ', 'mount '].some(kind => each.startsWith(kind))),
    [],
  );
  const still = await sandboxMounts(lambent.dataDirectory);
  assert.deepEqual(
    mounted.filter(point => still.includes(point)),
    [],
  );
});

test('a forced end leaves nothing behind', async () => {
  await using lambent = await startLambent();
  const footprint = await busyFootprint(lambent);
  lambent.signal('SIGTERM');
  await waitFor('the drain to begin', () => /drain/i.test(lambent.logs));
  lambent.signal('SIGTERM');
  await lambent.exited;
  await expectGone(footprint, lambent.dataDirectory);
});

test('an orderly end leaves nothing behind', async () => {
  await using lambent = await startLambent();
  const client = lambent.client();
  const fn = await deploy(client, { files: DAEMON });
  assert.equal((await fn.invoke()).payload, true);
  const footprint = await Footprint.of(lambent.pid, lambent.dataDirectory);
  assert.deepEqual(await lambent.stop(), { status: 0, signal: null });
  await expectGone(footprint, lambent.dataDirectory);
});
