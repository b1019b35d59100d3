import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { zipFolder } from './zip-folder.ts';

test('the same files are the same package, whatever their dates', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'lambent-zip-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'lib'));
  await writeFile(join(folder, 'index.mjs'), 'export const handler = async () => 1;\n');
  await writeFile(join(folder, 'lib', 'part.mjs'), '');
  const first = await zipFolder(folder);
  await utimes(join(folder, 'index.mjs'), 1, 1);
  assert.deepEqual(await zipFolder(folder), first);
  const names = Buffer.from(first).toString('latin1');
  assert.ok(names.includes('index.mjs') && names.includes('lib/part.mjs'));
});
