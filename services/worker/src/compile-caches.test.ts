import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { type EnvironmentSpec, EnvironmentSpecSchema, LayerSpecSchema } from '@lambent/contracts';
import { createLogger } from '@lambent/daemon';
import type { Runtime } from '@lambent/runtimes';
import { waitFor } from '@lambent/testing';
import { type CompileCache, CompileCaches } from './compile-caches.ts';
import { RUNTIME } from './scripted-runtime.ts';

const LARGE = new Uint8Array(100_000);

async function open() {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-compiled-'));
  const logger = createLogger({ level: 'silent', service: 'worker' });
  const caches = await CompileCaches.open({ directory: join(directory, 'compiled'), logger });
  return { caches, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

function specOf(
  functionId: string,
  codeSha256 = 'digest',
  codeBytes = 1_000_000n,
  layers: EnvironmentSpec['layers'] = [],
): EnvironmentSpec {
  return create(EnvironmentSpecSchema, { key: { functionId }, codeSha256, codeBytes, layers });
}

function layersOf(...digests: string[]): EnvironmentSpec['layers'] {
  return digests.map(codeSha256 => create(LayerSpecSchema, { codeSha256, codeBytes: 1_000_000n }));
}

type Wanted = Extract<CompileCache, { kind: 'wanted' }>;
function wanted(cache: CompileCache): Wanted {
  assert.equal(cache.kind, 'wanted');
  return cache as Wanted;
}

async function handOver(cache: CompileCache, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  const { files: taker, keep } = wanted(cache);
  for (const [path, content] of Object.entries(files)) taker.file(path, content);
  taker.end();
  await keep();
}

test('what one environment hands over is given to the next of the same function, package and runtime', async () => {
  await using opened = await open();
  const { caches } = opened;
  const first = caches.of(specOf('f'), RUNTIME);
  assert.equal(caches.of(specOf('f'), RUNTIME).kind, 'none', 'one at a time hands over');
  await handOver(first, { 'v1/a': LARGE, b: Buffer.from('text') });
  const kept = caches.of(specOf('f'), RUNTIME);
  assert.ok(kept.kind === 'kept');
  assert.equal(await readFile(join(kept.directory, 'b'), 'utf8'), 'text');
  assert.equal((await stat(join(kept.directory, 'v1/a'))).size, LARGE.length);
  for (const [spec, runtime] of [
    [specOf('another'), RUNTIME],
    [specOf('f', 'other code'), RUNTIME],
    [specOf('f'), { ...RUNTIME, detail: 'Node.js 24.99.0' }],
  ] as [EnvironmentSpec, Runtime][])
    assert.equal(caches.of(spec, runtime).kind, 'wanted');
});

test('the layers of a function are part of its package', async () => {
  await using opened = await open();
  const { caches } = opened;
  const small = (...digests: string[]) => specOf('f', 'digest', 1n, layersOf(...digests));
  assert.equal(caches.of(small(), RUNTIME).kind, 'none');
  await handOver(caches.of(small('a', 'b'), RUNTIME), { a: LARGE });
  assert.equal(caches.of(small('a', 'b'), RUNTIME).kind, 'kept');
  for (const spec of [small('b', 'a'), small('a')]) assert.equal(caches.of(spec, RUNTIME).kind, 'wanted');
});

test('a name that leads elsewhere makes all of it worthless', async () => {
  await using opened = await open();
  for (const path of ['../out', '/etc/passwd', 'a/../../out', 'a//b', './a', 'a\0b', `${'d/'.repeat(70)}f`]) {
    const cache = opened.caches.of(specOf(path), RUNTIME);
    await handOver(cache, { good: LARGE, [path]: LARGE });
    assert.equal(opened.caches.of(specOf(path), RUNTIME).kind, 'wanted', path);
  }
});

test('what did not come whole, or more than one may have, is not kept; the next one is asked', async () => {
  await using opened = await open();
  const { files, keep } = wanted(opened.caches.of(specOf('f'), RUNTIME));
  files.file('a', LARGE);
  await keep();
  await handOver(opened.caches.of(specOf('f'), RUNTIME), {
    a: new Uint8Array(40 * 1_048_576),
    b: new Uint8Array(40 * 1_048_576),
  });
  assert.equal(opened.caches.of(specOf('f'), RUNTIME).kind, 'wanted');
});

test('what an init that failed handed over is not kept, nor is its failure', async () => {
  await using opened = await open();
  const { files, keep } = wanted(opened.caches.of(specOf('f'), RUNTIME));
  files.file('a', LARGE);
  await keep();
  assert.equal(files.file('b', LARGE), false, 'it is too late for more');
  assert.equal(files.end(), false);
  assert.equal(opened.caches.of(specOf('f'), RUNTIME).kind, 'wanted');
});

test('a few kilobytes are not worth a mount, and are not asked for again', async () => {
  await using opened = await open();
  await handOver(opened.caches.of(specOf('f'), RUNTIME), { a: Buffer.from('small') });
  assert.equal(opened.caches.of(specOf('f'), RUNTIME).kind, 'none');
});

test('past the bound of all the longest unused goes', async () => {
  await using opened = await open();
  const { caches } = opened;
  const most = new Uint8Array(64 * 1_048_576);
  for (let count = 0; count < 17; count += 1)
    await handOver(caches.of(specOf(`f${count}`), RUNTIME), { a: most });
  const last = caches.of(specOf('f16'), RUNTIME);
  assert.ok(last.kind === 'kept');
  const folder = join(last.directory, '..');
  await waitFor('sixteen to be left', async () => (await readdir(folder)).length === 16);
  assert.equal(caches.of(specOf('f0'), RUNTIME).kind, 'wanted');
});

test('a small package is not asked for', async () => {
  await using opened = await open();
  assert.equal(opened.caches.of(specOf('f', 'digest', 16_000n), RUNTIME).kind, 'none');
});

test('a runtime that speaks HTTP hands nothing over', async () => {
  await using opened = await open();
  assert.equal(opened.caches.of(specOf('f'), { ...RUNTIME, channel: 'http' }).kind, 'none');
});
