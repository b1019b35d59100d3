import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { openDataDirectory, sandboxPlaceOf } from './data-directory.ts';

async function temporary(t: { after: typeof test.after }) {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'lambent-data-')));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test('the directory is made for its owner alone, and known by one path', async t => {
  const folder = await temporary(t);
  const data = await openDataDirectory(join(folder, 'a', 'b'));
  assert.equal((await stat(data)).mode & 0o777, 0o700);
  await symlink(data, join(folder, 'link'));
  assert.equal(await openDataDirectory(join(folder, 'link')), data);
});

test('a path that can be no directory is refused in one line', async t => {
  const folder = await temporary(t);
  await writeFile(join(folder, 'file'), '');
  const refusals: [path: string, problem: string][] = [
    [join(folder, 'file'), 'is not a directory'],
    [join(folder, 'file/data'), 'is below something that is not a directory'],
    ['/proc/lambent/data', 'is below something that holds no other directories'],
  ];
  for (const [path, problem] of refusals)
    await assert.rejects(openDataDirectory(path), (error: unknown) => {
      assert.ok(isFailure(error, 'config-invalid'));
      assert.equal(error.message, `the setting --data is not valid: ${path} ${problem}`);
      return true;
    });
});

test('a directory has one owner id, and no two share it', () => {
  const [first, again, other] = ['/a', '/a', '/b'].map(sandboxPlaceOf);
  assert.deepEqual(first, again);
  assert.notEqual(first?.ownerId, other?.ownerId);
  assert.match(first?.ownerId ?? '', /^[a-z0-9-]{1,32}$/);
  assert.equal(first?.runDirectory, '/a/sandboxes');
});
