import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Blobs } from '@lambent/blobs';
import { fail, isFailure } from '@lambent/core';
import { type ForgedEntry, forgeZip } from '@lambent/testing';
import { CodeCache, type UnpackedCode } from './code-cache.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lambent-code-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('a package is unpacked with its modes, links and folders, readable by any user', async () => {
  const blobs = new HeldBlobs();
  const zip = blobs.hold([
    { name: 'index.js', content: 'one' },
    { name: 'bin/run', content: '#!/bin/sh', mode: 0o104700 },
    { name: 'empty/' },
    { name: 'latest', content: 'bin/run', mode: 0o120777 },
  ]);
  await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
  using code = await acquireWhole(cache, zip.digest, zip.bytes);
  assert.equal(await readFile(join(code.directory, 'index.js'), 'utf8'), 'one');
  assert.equal(await modeOf(code.directory, 'index.js'), 0o644);
  assert.equal(await modeOf(code.directory, 'bin/run'), 0o755);
  assert.equal(await modeOf(code.directory, 'bin'), 0o755);
  assert.equal(await modeOf(code.directory, 'empty'), 0o755);
  assert.equal(await readlink(join(code.directory, 'latest')), 'bin/run');
  assert.deepEqual(cache.digests, [zip.digest]);
});

test('its directory is there before the package is', async () => {
  const blobs = new HeldBlobs();
  const zip = blobs.hold([{ name: 'a', content: 'a' }]);
  await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
  const arrives = blobs.delay();
  using code = await cache.acquire(zip.digest, zip.bytes);
  assert.deepEqual(await readdir(code.directory), []);
  assert.deepEqual(cache.digests, []);
  arrives();
  await code.whole;
  assert.deepEqual(await readdir(code.directory), ['a']);
});

test('those who ask at once share one unpacking', async () => {
  const blobs = new HeldBlobs();
  const zip = blobs.hold([{ name: 'a', content: 'a' }]);
  await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
  const held = await Promise.all([1, 2, 3].map(() => acquireWhole(cache, zip.digest, zip.bytes)));
  assert.equal(blobs.reads, 1);
  for (const code of held) code[Symbol.dispose]();
});

test('a blob that does not match its digest is never unpacked', async () => {
  const blobs = new HeldBlobs();
  const zip = blobs.hold([{ name: 'a', content: 'a' }]);
  const other = blobs.hold([{ name: 'a', content: 'b' }]);
  blobs.swap(zip.digest, other.digest);
  await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
  await assert.rejects(acquireWhole(cache, zip.digest, zip.bytes), error => isFailure(error, 'code-corrupt'));
  assert.deepEqual(await readdir(directory), []);
});

test('a blob longer than said is refused while it is read', async () => {
  const blobs = new HeldBlobs();
  const zip = blobs.hold([{ name: 'a', content: 'a' }]);
  await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
  await assert.rejects(acquireWhole(cache, zip.digest, 10), error => isFailure(error, 'code-corrupt'));
});

test('a failed package leaves nothing and may be asked for again', async () => {
  const blobs = new HeldBlobs();
  const bad = blobs.hold([
    { name: 'good', content: 'a' },
    { name: 'bad', content: 'b', crc: 1 },
  ]);
  await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
  for (const _attempt of [1, 2])
    await assert.rejects(acquireWhole(cache, bad.digest, bad.bytes), error =>
      isFailure(error, 'code-invalid'),
    );
  assert.equal(blobs.reads, 2);
  assert.deepEqual(await readdir(directory), []);
});

test('past its bytes the longest unused package goes, one in use never', async () => {
  const blobs = new HeldBlobs();
  const [first, second, third] = ['1', '2', '3'].map(digit =>
    blobs.hold([{ name: 'a', content: digit.repeat(400) }]),
  );
  assert.ok(first && second && third);
  await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
  using used = await acquireWhole(cache, first.digest, first.bytes);
  (await acquireWhole(cache, second.digest, second.bytes))[Symbol.dispose]();
  using _third = await acquireWhole(cache, third.digest, third.bytes);
  assert.deepEqual(cache.digests, [first.digest, third.digest]);
  assert.ok((await stat(used.directory)).isDirectory());
  await assert.rejects(acquireWhole(cache, second.digest, second.bytes), error =>
    isFailure(error, 'environment-failed'),
  );
});

test('opening removes what an earlier run left', async () => {
  await mkdir(join(directory, '.beside-1'));
  await writeFile(join(directory, '.beside-1', 'half'), 'x');
  await mkdir(join(directory, 'f'.repeat(64)));
  await using _cache = await CodeCache.open({ directory, blobs: new HeldBlobs(), maxBytes: 1000 });
  assert.deepEqual(await readdir(directory), []);
});

async function acquireWhole(cache: CodeCache, digest: string, bytes: number): Promise<UnpackedCode> {
  const code = await cache.acquire(digest, bytes);
  try {
    await code.whole;
    return code;
  } catch (error) {
    code[Symbol.dispose]();
    throw error;
  }
}

class HeldBlobs implements Blobs {
  reads = 0;
  readonly #held = new Map<string, Buffer>();
  #arrived: Promise<void> = Promise.resolve();

  hold(entries: readonly ForgedEntry[]) {
    const zip = forgeZip(entries);
    const digest = createHash('sha256').update(zip).digest('hex');
    this.#held.set(digest, zip);
    return { digest, bytes: zip.length };
  }

  /** Reads wait until what this gives back is called. */
  delay(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#arrived = promise;
    return resolve;
  }

  swap(digest: string, other: string): void {
    this.#held.set(digest, this.#held.get(other) ?? Buffer.alloc(0));
  }

  async *read(digest: string): AsyncGenerator<Uint8Array> {
    this.reads += 1;
    await this.#arrived;
    const held = this.#held.get(digest);
    if (!held) throw fail('code-missing', { digest });
    for (let at = 0; at < held.length; at += 64) yield held.subarray(at, at + 64);
  }

  async put(): Promise<never> {
    throw new Error('not needed here');
  }

  async nowMs(): Promise<never> {
    throw new Error('not needed here');
  }

  async stat(): Promise<undefined> {}

  list(): never {
    throw new Error('not needed here');
  }

  async delete(): Promise<never> {
    throw new Error('not needed here');
  }
}

async function modeOf(root: string, path: string): Promise<number> {
  return (await stat(join(root, path))).mode & 0o7777;
}
