import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { takeDoctorDirectory } from './doctor-directory.ts';

async function temporary(t: { after: typeof test.after }) {
  const path = await mkdtemp(join(tmpdir(), 'lambent-doctors-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test('the next one has the directory of the one before, and so its leftovers', async t => {
  const parent = await temporary(t);
  const first = await takeDoctorDirectory(parent);
  first[Symbol.dispose]();
  using second = await takeDoctorDirectory(parent);
  assert.equal(second.directory, first.directory);
});

test('two at once have directories of their own, and there is a bound', async t => {
  const parent = await temporary(t);
  using stack = new DisposableStack();
  const directories = new Set<string>();
  for (let place = 1; place <= 8; place += 1)
    directories.add(stack.use(await takeDoctorDirectory(parent)).directory);
  assert.equal(directories.size, 8);
  await assert.rejects(takeDoctorDirectory(parent), error => isFailure(error, 'data-locked'));
});

test('neither a directory that others may write to nor a link is trusted', async t => {
  const parent = await temporary(t);
  const planted = join(parent, `lambent-doctor-${userInfo().uid}-1`);
  await mkdir(planted);
  await chmod(planted, 0o777);
  await assert.rejects(takeDoctorDirectory(parent), error => isFailure(error, 'config-invalid'));
  await rm(planted, { recursive: true });
  const own = join(parent, 'own');
  await mkdir(own, { mode: 0o700 });
  await symlink(own, planted);
  await assert.rejects(takeDoctorDirectory(parent), error => isFailure(error, 'config-invalid'));
});
