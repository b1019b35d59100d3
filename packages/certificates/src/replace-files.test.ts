import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { replaceFiles } from './replace-files.ts';

const parent = await mkdtemp(path.join(tmpdir(), 'lambent-replaced-'));
const directory = path.join(parent, 'deeper', 'files');
after(() => rm(parent, { recursive: true }));

test('what was written last is there, also after a write that was cut off, and nothing besides', async () => {
  await replaceFiles(directory, [file('a', '1'), { ...file('b', '1'), secret: true }]);
  await writeFile(path.join(directory, '.a.next'), 'cut off');
  await replaceFiles(directory, [file('a', '2')]);
  assert.deepEqual((await readdir(directory)).sort(), ['a', 'b']);
  const textOf = (name: string) => readFile(path.join(directory, name), 'utf8');
  assert.deepEqual([await textOf('a'), await textOf('b')], ['2', '1']);
  assert.equal((await stat(path.join(directory, 'b'))).mode & 0o777, 0o600);
});

test('a write that fails leaves what was there', async () => {
  await replaceFiles(directory, [file('a', 'old')]);
  await assert.rejects(replaceFiles(directory, [file('a', 'new'), file('no/such/folder', 'new')]));
  assert.equal(await readFile(path.join(directory, 'a'), 'utf8'), 'old');
});

test('who reads while files are replaced never misses one', async () => {
  const place = path.join(parent, 'busy');
  await mkdir(place);
  await replaceFiles(place, [file('a', '0')]);
  const writing = (async () => {
    for (let count = 1; count <= 50; count++) await replaceFiles(place, [file('a', `${count}`)]);
    return true;
  })();
  let read = '';
  while (!(await Promise.race([writing, Promise.resolve(false)])))
    read = await readFile(path.join(place, 'a'), 'utf8');
  assert.match(read, /^\d+$/);
});

function file(name: string, text: string) {
  return { name, text, secret: false };
}
