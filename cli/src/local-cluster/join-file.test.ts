import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type JoinFile, readJoinFile, saveJoinFile } from './join-file.ts';

const FILE: JoinFile = {
  cluster: 'lambent',
  etcd: ['10.0.0.1:2379'],
  nats: ['10.0.0.1:4222'],
  replicas: 1,
  natsSync: 'always',
  tls: { ca: 'ca', certificate: 'certificate', privateKey: 'key' },
};

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'lambent-join-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('what is written is read again, and nobody but the owner reads it', async () => {
  await using directory = await folder();
  const path = join(directory.path, 'join.json');
  await saveJoinFile(path, FILE);
  assert.deepEqual(await readJoinFile(path), FILE);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('what is no such file is refused', async () => {
  await using directory = await folder();
  const path = join(directory.path, 'join.json');
  await assert.rejects(readJoinFile(path), /--join is not valid: .* cannot be read \(ENOENT\)/);
  const { tls: _, ...withoutKey } = FILE;
  for (const text of ['{', 'null', '[]', JSON.stringify({ ...FILE, etcd: [] }), JSON.stringify(withoutKey)]) {
    await writeFile(path, text);
    await assert.rejects(readJoinFile(path), /is not what `lambent cluster` writes/, text);
  }
});
