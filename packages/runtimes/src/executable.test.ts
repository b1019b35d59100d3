import assert from 'node:assert/strict';
import { chmod, copyFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
// @ts-expect-error It is run as it is, inside sandboxes, and has no types.
import * as executable from '../node/executable.mjs';

const findRefusal: (path: string) => string | undefined = executable.findRefusal;

suite('what the kernel would not run is told before', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lambent-executable-'));
  });
  after(() => rm(directory, { recursive: true }));

  const write = async (name: string, content: string | Buffer) => {
    const path = join(directory, name);
    await writeFile(path, content);
    await chmod(path, 0o755);
    return path;
  };

  test('programs and scripts that run have no fault, nor has a script that a script runs', async () => {
    const inner = await write('inner', '#!/bin/sh\n');
    for (const path of ['/bin/sh', process.execPath, inner, await write('outer', `#! ${inner} -e\n`)])
      assert.equal(findRefusal(path), undefined, path);
  });

  test('an interpreter that is not there is named', async () => {
    assert.equal(findRefusal(await write('gone', '#!/nope -x\n')), 'interpreter not found: /nope');
  });

  test('an interpreter that is none is named, with what is wrong with it', async () => {
    const text = await write('text', 'just text');
    assert.equal(
      findRefusal(await write('by-text', `#!${text}\n`)),
      `interpreter ${text}: exec format error`,
    );
    await chmod(text, 0o644);
    assert.equal(
      findRefusal(await write('by-unrunnable', `#!${text}\n`)),
      `interpreter ${text}: permission denied`,
    );
  });

  test('line ends of another system are told as what they are', async () => {
    assert.match(
      findRefusal(await write('returns', '#!/bin/sh\r\necho\r\n')) ?? '',
      /^interpreter not found: \/bin\/sh\\r \(the first line ends in a carriage return: /,
    );
  });

  test('a script that interprets itself is not followed for ever', async () => {
    const path = join(directory, 'itself');
    await write('itself', `#!${path}\n`);
    assert.match(findRefusal(path) ?? '', /too many levels of interpreters$/);
  });

  test('a program for another C library is told by the loader it lacks', async t => {
    const program = await readFile('/bin/sh');
    const at = program.indexOf('/ld-linux');
    if (at === -1) return t.skip('the shell here has no GNU loader');
    program.write('/no-linux', at);
    assert.match(findRefusal(await write('musl', program)) ?? '', /^interpreter not found: .*\/no-linux/);
  });

  test('what is no whole program, or one of another machine, is an exec format error', async () => {
    for (const content of ['', '#!', '#! \n', '\x7fELF'])
      assert.equal(findRefusal(await write('cut', content)), 'exec format error', JSON.stringify(content));
    const other = join(directory, 'other');
    await copyFile('/bin/sh', other);
    await using file = await open(other, 'r+');
    await file.write(Buffer.from([8, 0]), 0, 2, 18);
    assert.equal(findRefusal(other), 'exec format error');
  });
});
