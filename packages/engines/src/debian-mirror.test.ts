import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findDebianMirror } from './debian-mirror.ts';

test('the mirror is the one of a source written as one line', async () => {
  const sources =
    '# deb http://old.example/debian bookworm main\ndeb [arch=amd64] http://m.example/debian trixie main\n';
  assert.equal(await mirrorOf({ 'sources.list': sources }), 'http://m.example/debian');
});

test('the mirror is the one of a source written as fields', async () => {
  const sources =
    'Types: deb\nURIs: http://s.example/debian-security http://m.example/debian/\nSuites: bookworm\n';
  assert.equal(await mirrorOf({ 'sources.list.d/debian.sources': sources }), 'http://m.example/debian/');
});

test('the sources of other distributions and of single programs are none', async () => {
  const files = {
    'sources.list': 'deb http://m.example/ubuntu noble main\n',
    'sources.list.d/tool.list': 'deb https://tool.example/apt bookworm main\n',
  };
  assert.equal(await mirrorOf(files), undefined);
  assert.equal(await findDebianMirror('/nonexistent'), undefined);
});

async function mirrorOf(files: Readonly<Record<string, string>>): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-apt-'));
  try {
    await mkdir(join(directory, 'sources.list.d'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    return await findDebianMirror(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
