import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { writeWholeDirectory } from './whole-directory.ts';

const parent = await mkdtemp(path.join(tmpdir(), 'lambent-whole-'));
const directory = path.join(parent, 'deeper', 'whole');
after(() => rm(parent, { recursive: true }));

test('only what was written last is there, also after a write that was cut off', async () => {
  await writeWholeDirectory(directory, [file('a', '1'), file('b', '1')]);
  for (const leftBehind of [`${directory}.next`, `${directory}.before`]) {
    await mkdir(path.join(leftBehind, 'left'), { recursive: true });
  }
  await writeWholeDirectory(directory, [file('a', '2')]);
  assert.deepEqual(await readdir(path.dirname(directory)), ['whole']);
  assert.deepEqual(await readdir(directory), ['a']);
  assert.equal(await readFile(path.join(directory, 'a'), 'utf8'), '2');
});

test('a write that fails leaves what was there', async () => {
  await writeWholeDirectory(directory, [file('a', 'old')]);
  await assert.rejects(writeWholeDirectory(directory, [file('a', 'new'), file('no/such/folder', 'new')]));
  assert.equal(await readFile(path.join(directory, 'a'), 'utf8'), 'old');
});

function file(name: string, text: string) {
  return { name, text, secret: false };
}
