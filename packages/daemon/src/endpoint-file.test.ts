import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEndpointFile, writeEndpointFile } from './endpoint-file.ts';

/** Above the kernel's highest process id. */
const NOBODY = 4_194_305;

async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'lambent-endpoint-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const ENDPOINT = {
  url: 'http://127.0.0.1:9000',
  adminUrl: 'http://127.0.0.1:9091',
  pid: process.pid,
  version: '0.1.0',
};

test('the endpoint is found while it is open and gone afterwards', async () => {
  await using directory = await temporaryDirectory();
  {
    await using _file = await writeEndpointFile(directory.path, ENDPOINT);
    assert.deepEqual(await readEndpointFile(directory.path), ENDPOINT);
    assert.deepEqual(await readdir(directory.path), ['endpoint.json']);
  }
  assert.equal(await readEndpointFile(directory.path), undefined);
  assert.deepEqual(await readdir(directory.path), []);
});

test('the endpoint of a process that no longer lives is not given', async () => {
  await using directory = await temporaryDirectory();
  await using _file = await writeEndpointFile(directory.path, { ...ENDPOINT, pid: NOBODY });
  assert.equal(await readEndpointFile(directory.path), undefined);
});

test('a file that is no endpoint is none', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'endpoint.json'), '{"url":');
  assert.equal(await readEndpointFile(directory.path), undefined);
});
