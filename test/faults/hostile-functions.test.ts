/** Functions that do their worst: each harms itself alone, and nothing of its environment is left soon after. */
import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type LambentProcess, startLambent, waitFor } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';
import { pythonRuntime } from '../python-runtime.ts';

/** The promise is five seconds from the end of the call; tests give three times that. */
const GONE_WITHIN_MS = 15_000;
const TIMEOUT_SECONDS = 2;

interface Hostile {
  readonly does: string;
  readonly python: string;
  readonly memoryMb?: number;
  /** How its call may end. */
  readonly ends: readonly string[];
}

const HOSTILE: readonly Hostile[] = [
  { does: 'spins', python: 'while True: pass', ends: ['Sandbox.Timedout'] },
  {
    does: 'allocates',
    python: 'held = []\n    while True: held.append(bytearray(8_000_000))',
    ends: ['Runtime.OutOfMemory'],
  },
  {
    does: 'forks',
    python: `while True:
        try: os.fork()
        except OSError: pass`,
    memoryMb: 512,
    ends: ['Sandbox.Timedout', 'Runtime.OutOfMemory'],
  },
  {
    does: 'fills /tmp',
    python: `with open("/tmp/full", "wb") as file:
        while True:
            try: file.write(bytes(1_000_000))
            except OSError: pass`,
    memoryMb: 1_024,
    ends: ['Sandbox.Timedout', 'Runtime.OutOfMemory'],
  },
  {
    does: 'ignores every signal it can',
    python: `for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(number, signal.SIG_IGN)
    if os.fork() == 0: os.setsid()
    while True: time.sleep(1)`,
    ends: ['Sandbox.Timedout'],
  },
  {
    does: 'exits in the middle of its call and leaves others behind',
    // Not at once, so that its processes are seen.
    python: `for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            while True: time.sleep(1)
    time.sleep(1)
    os._exit(3)`,
    ends: ['Runtime.ExitError'],
  },
  {
    does: 'prints 100 MB',
    python: `for _ in range(1_000): os.write(1, b"x" * 99_999 + b"\\n")
    while True: time.sleep(1)`,
    ends: ['Sandbox.Timedout'],
  },
];

const VICTIM = 'let calls = 0; export const handler = async event => ({ event, calls: ++calls })';

const POOLS = [
  { title: 'with sandboxes that wait', env: {} },
  { title: 'without a pool', env: { LAMBENT_WORKER_POOL_MAX: '0' } },
];

for (const { title, env } of POOLS)
  describe(`hostile functions, ${title}`, () => {
    let lambent: LambentProcess;
    let victim: DeployedFunction;
    before(async () => {
      lambent = await startLambent({ env });
      victim = await deploy(lambent.client(), { files: { 'index.mjs': VICTIM } });
    });
    after(() => lambent[Symbol.asyncDispose]());

    for (const [index, { does, python, memoryMb = 128, ends }] of HOSTILE.entries())
      test(`one that ${does}`, async () => {
        const mark = `hostile-${index}`;
        const hostile = await deploy(lambent.client(), {
          files: {
            'index.py': `import os, signal, time\ndef handler(event, context):\n    ${python}\n`,
            [mark]: '',
          },
          runtime: pythonRuntime(),
          timeoutSeconds: TIMEOUT_SECONDS,
          memoryMb,
        });
        const ended = hostile.invoke();
        const groups = await waitFor('its processes', async () => {
          const found = await groupsOf(mark);
          return found.length > 0 && found;
        });
        const served = callUntil(victim, ended);
        const { payload } = await ended;
        const { errorType } = payload as { errorType: string };
        assert.ok(ends.includes(errorType), `it ended in ${errorType}`);
        await waitFor(
          'everything of it to be gone',
          async () => {
            const left = [
              ...(await groupsOf(mark)),
              ...(await stillThere(groups)),
              ...(await mountsOf(groups)),
            ];
            assert.deepEqual(left, []);
            return true;
          },
          { timeoutMs: GONE_WITHIN_MS },
        );
        assert.ok((await served) > 0);
      });
  });

/** Calls the victim over and over until that; each answer is right, and from the same environment. Gives how many. */
async function callUntil(victim: DeployedFunction, ended: Promise<unknown>): Promise<number> {
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  let count = 0;
  let calls: number | undefined;
  while (!over) {
    const { payload, status } = await victim.invoke({ count });
    const answer = payload as { event: unknown; calls: number };
    assert.equal(status, 200);
    assert.deepEqual(answer.event, { count });
    assert.equal(answer.calls, (calls ?? answer.calls - 1) + 1, 'its environment was left alone');
    calls = answer.calls;
    count += 1;
  }
  return count;
}

/** The folders of the cgroups of all processes that see a file of that name among their code. */
async function groupsOf(mark: string): Promise<readonly string[]> {
  const folders = new Set<string>();
  for (const id of await readdir('/proc')) {
    if (!/^\d+$/.test(id) || !(await exists(`/proc/${id}/root/var/task/${mark}`))) continue;
    const groups = await readFile(`/proc/${id}/cgroup`, 'utf8').catch(() => '');
    for (const line of groups.trim().split('\n')) {
      const [, controllers = '', group = '/'] = line.split(':');
      const hierarchy = controllers === '' ? 'unified' : controllers.replace('name=', '');
      for (const root of [hierarchy, ''])
        if (group !== '/' && (await exists(path.join('/sys/fs/cgroup', root, group))))
          folders.add(path.join('/sys/fs/cgroup', root, group));
    }
  }
  return [...folders];
}

async function stillThere(folders: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.all(folders.map(async folder => (await exists(folder)) && folder));
  return there.filter(folder => folder !== false);
}

/** A sandbox's mounts on this side are below a directory of its own, named as its cgroups are. */
async function mountsOf(folders: readonly string[]): Promise<readonly string[]> {
  const names = new Set(folders.flatMap(folder => folder.match(/[0-9a-f]{16}/g) ?? []));
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return mounts.filter(line => [...names].some(name => line.includes(name)));
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
