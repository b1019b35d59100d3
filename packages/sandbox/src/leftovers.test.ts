import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SystemClock } from '@lambent/core';
import { waitFor } from '@lambent/testing';
import { sweepLeftovers } from './leftovers.ts';
import { endLeftGroups } from './plain-starter.ts';
import { startOf } from './process-group.ts';
import { cgroupsOf, codeDirectory, countProcesses, FORK_BOMB, python } from './sandboxes-under-test.ts';

const clock = new SystemClock();
/** What invariant 6 of the design allows for everything to be gone. */
const GONE_WITHIN_MS = 5_000;

const sleeping = (seconds: string) => ['/bin/sh', '-c', `echo up; exec /bin/sleep ${seconds}`];

interface Owned {
  readonly ownerId: string;
  readonly runDirectory: string;
  /** Says something once it is at work. */
  readonly command: readonly string[];
  readonly bubblewrap?: string;
}

/** Starts an owner of one sandbox in another process, and kills that once the sandbox runs. */
async function killedOwner({ ownerId, runDirectory, command, bubblewrap }: Owned): Promise<void> {
  const fixture = path.join(import.meta.dirname, 'fixtures', 'owner.ts');
  const args = [ownerId, runDirectory, JSON.stringify(command), ...(bubblewrap ? [bubblewrap] : [])];
  const owner: ChildProcess = spawn(process.execPath, [fixture, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout as NodeJS.ReadableStream, 'data');
  owner.kill('SIGKILL');
  await once(owner, 'exit');
}

test('the processes of a confined sandbox end with their owner; the sweep removes the rest and tells', async () => {
  await using place = await codeDirectory({});
  const runDirectory = path.join(place.path, 'run');
  await killedOwner({ ownerId: 'left-confined', runDirectory, command: sleeping('3001') });
  await waitFor('the end', async () => (await countProcesses('/bin/sleep', '3001')) === 0, {
    timeoutMs: GONE_WITHIN_MS,
  });
  assert.notDeepEqual(await cgroupsOf('left-confined'), []);
  const removed = await sweepLeftovers({ ownerId: 'left-confined', runDirectory, clock });
  assert.ok(
    removed.some(line => /^cgroup .*left-confined\/left$/.test(line)),
    removed.join('\n'),
  );
  assert.ok(removed.includes(`mount ${runDirectory}/late/left/0`), removed.join('\n'));
  assert.deepEqual(await cgroupsOf('left-confined'), []);
  assert.deepEqual(await readdir(runDirectory), []);
  // What was mounted is not the sweep's to remove.
  assert.ok((await readdir(path.join(import.meta.dirname, 'fixtures'))).includes('owner.ts'));
});

test('the processes of a plain sandbox are ended by the sweep', async () => {
  await using place = await codeDirectory({});
  const runDirectory = path.join(place.path, 'run');
  const command = sleeping('3002');
  await killedOwner({ ownerId: 'left-plain', runDirectory, command, bubblewrap: '/nowhere/bwrap' });
  await sweepLeftovers({ ownerId: 'left-plain', runDirectory, clock });
  assert.equal(await countProcesses('/bin/sleep', '3002'), 0);
});

test('the sweep ends a program that does nothing but fork on a small share of a core', async () => {
  await using place = await codeDirectory({});
  const runDirectory = path.join(place.path, 'run');
  await killedOwner({ ownerId: 'left-forking', runDirectory, command: python(FORK_BOMB) });
  await sweepLeftovers({ ownerId: 'left-forking', runDirectory, clock });
  assert.equal(await countProcesses(...python(FORK_BOMB)), 0);
  assert.deepEqual(await cgroupsOf('left-forking'), []);
});

test('without cgroups a process group is told by a file, which a later process of its number does not match', async () => {
  await using place = await codeDirectory({});
  const child = spawn('/bin/sleep', ['3003'], { detached: true, stdio: 'ignore' });
  const leader = child.pid ?? 0;
  await mkdir(path.join(place.path, 'groups'));
  const record = (start: string | undefined) =>
    writeFile(path.join(place.path, 'groups', 'left'), JSON.stringify({ leader, start }));
  await record('long ago');
  assert.deepEqual(await endLeftGroups(place.path, clock), []);
  assert.equal(await countProcesses('/bin/sleep', '3003'), 1);
  await record(await startOf(leader));
  assert.deepEqual(await endLeftGroups(place.path, clock), [`process group ${leader} of left`]);
  assert.equal(await countProcesses('/bin/sleep', '3003'), 0);
});

test('a sweep where nothing was left tells nothing, and makes the directory', async () => {
  await using place = await codeDirectory({});
  const runDirectory = path.join(place.path, 'new', 'run');
  assert.deepEqual(await sweepLeftovers({ ownerId: 'left-nothing', runDirectory, clock }), []);
  assert.deepEqual(await readdir(runDirectory), []);
});

test('what cannot be removed keeps a sweep from nothing else, and is looked for again', async () => {
  await using place = await codeDirectory({});
  const runDirectory = path.join(place.path, 'run');
  const stuck = path.join(place.path, 'stuck');
  for (const directory of ['run/tmp', 'run/groups', 'stuck'])
    await mkdir(path.join(place.path, directory), { recursive: true });
  // No cgroup has files that can be made, so this directory cannot be removed as one.
  await writeFile(path.join(stuck, 'file'), '');
  await writeFile(path.join(runDirectory, 'cgroup-roots'), `${stuck}\n`);
  await writeFile(path.join(runDirectory, 'groups', 'torn'), '{');
  const fixture = path.join(import.meta.dirname, 'fixtures', 'hindered-sweep.ts');
  const args = ['--net', process.execPath, fixture, runDirectory];
  const { stdout } = await promisify(execFile)('unshare', args);
  const { failure, interfaceLeft } = JSON.parse(stdout) as { failure?: string; interfaceLeft: boolean };
  assert.match(failure ?? '', /ENOTEMPTY.*; .*JSON/);
  assert.equal(interfaceLeft, false);
  assert.deepEqual((await readdir(runDirectory)).sort(), ['cgroup-roots', 'groups']);
});
