import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { SystemClock } from '@lambent/core';
import { waitFor } from '@lambent/testing';
import { removeMounts } from './late-mounts.ts';
import { MountShell } from './mount-shell.ts';
import { codeDirectory } from './sandboxes-under-test.ts';

test('mounts, one after the other, whatever the names are', async () => {
  await using place = await codeDirectory({});
  await using shell = new MountShell(new SystemClock());
  const options = ['-t', 'tmpfs', '-o', 'size=4k', `it's; $(one) "of" ours`, place.path];
  await Promise.all([shell.mount(...options), shell.mount('-o', 'remount,size=8k', place.path)]);
  const line = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .find(one => one.includes(place.path));
  assert.match(line ?? '', /tmpfs it's;\\040\$\(one\)\\040"of"\\040ours .*size=8k/);
  assert.deepEqual(await removeMounts(place.path), [place.path]);
});

test('what cannot be mounted is told by what mount said, and those after it are', async () => {
  await using place = await codeDirectory({});
  await using shell = new MountShell(new SystemClock());
  await assert.rejects(shell.mount('--bind', '/nowhere', place.path), /nowhere/);
  await shell.mount('--bind', import.meta.dirname, place.path);
  assert.ok((await readdir(place.path)).includes('mount-shell.ts'));
  await removeMounts(place.path);
});

test('a shell that was ended is replaced', async () => {
  await using place = await codeDirectory({});
  await using shell = new MountShell(new SystemClock());
  await shell.mount('--bind', import.meta.dirname, place.path);
  await removeMounts(place.path);
  const [pid, ...others] = await shells();
  assert.ok(pid !== undefined && others.length === 0);
  process.kill(pid, 'SIGKILL');
  await waitFor('its end', async () => (await shells()).length === 0);
  await shell.mount('--bind', import.meta.dirname, place.path);
  assert.deepEqual(await removeMounts(place.path), [place.path]);
});

/** The shells that this process has as children. */
async function shells(): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(pid => pid > 0);
  const found = pids.map(async pid => {
    const [command, status] = await Promise.all(
      ['cmdline', 'status'].map(name => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    return command === '/bin/sh\0-s\0' && new RegExp(`^PPid:\\s+${process.pid}$`, 'm').test(status ?? '')
      ? [pid]
      : [];
  });
  return (await Promise.all(found)).flat();
}
