import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { Blobs } from '@lambent/blobs';
import { fail, isFailure } from '@lambent/core';
import { type ForgedEntry, forgeZip } from '@lambent/testing';
import { CodeCache, type CodePackage, type UnpackedCode } from './code-cache.ts';

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
  using code = await cache.acquire(zip);
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

suite('packages put together', () => {
  const one = [
    { name: 'nodejs/a.js', content: 'one' },
    { name: 'nodejs/b.js', content: 'one' },
    { name: 'bin/run', content: '#!/bin/sh', mode: 0o100755 },
    { name: 'file', content: 'one' },
    { name: 'folder/inner', content: 'one' },
    { name: 'way', content: 'folder', mode: 0o120777 },
  ];
  const other = [
    { name: 'nodejs/b.js', content: 'other' },
    { name: 'file/inner', content: 'other' },
    { name: 'folder', content: 'other' },
    { name: 'way/inner', content: 'other' },
  ];
  const stacked = async (cache: CodeCache, packages: readonly CodePackage[]) => {
    const stack = await cache.acquireStack(packages);
    await stack.whole;
    return stack;
  };

  test('later ones are over earlier ones, and the files are the very same', async () => {
    const blobs = new HeldBlobs();
    const packages = [blobs.hold(one), blobs.hold(other)];
    await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
    using stack = await stacked(cache, packages);
    const shown = await readdir(stack.directory, { recursive: true });
    const files = 'bin bin/run file file/inner folder nodejs nodejs/a.js nodejs/b.js way way/inner';
    assert.deepEqual(shown.toSorted(), files.split(' '));
    assert.equal(await readFile(join(stack.directory, 'nodejs/a.js'), 'utf8'), 'one');
    assert.equal(await readFile(join(stack.directory, 'nodejs/b.js'), 'utf8'), 'other');
    assert.equal(await modeOf(stack.directory, 'bin/run'), 0o755);
    assert.equal(await modeOf(stack.directory, 'nodejs'), 0o755);
    using alone = await cache.acquire(packages[0] as CodePackage);
    const [inStack, inPackage] = await Promise.all(
      [stack, alone].map(code => stat(join(code.directory, 'nodejs/a.js'))),
    );
    assert.equal(inStack?.ino, inPackage?.ino);
    assert.equal(await readFile(join(alone.directory, 'folder/inner'), 'utf8'), 'one');
    assert.deepEqual(cache.digests.toSorted(), packages.map(({ digest }) => digest).toSorted());
  });

  test('their order counts, and each stack is made once', async () => {
    const blobs = new HeldBlobs();
    const packages = [blobs.hold(one), blobs.hold(other)];
    await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
    const [first, again, reversed] = await Promise.all([
      stacked(cache, packages),
      stacked(cache, packages),
      stacked(cache, packages.toReversed()),
    ]);
    assert.equal(first.directory, again.directory);
    assert.equal(await readFile(join(reversed.directory, 'nodejs/b.js'), 'utf8'), 'one');
    assert.equal(blobs.reads, 2);
    for (const stack of [first, again, reversed]) stack[Symbol.dispose]();
  });

  test('of one there is nothing to put together', async () => {
    const blobs = new HeldBlobs();
    const zip = blobs.hold(one);
    await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
    using stack = await stacked(cache, [zip]);
    assert.equal(stack.directory, join(directory, zip.digest));
  });

  test('one that fails fails them all, leaves nothing of them and holds none', async () => {
    const blobs = new HeldBlobs();
    const sound = blobs.hold([{ name: 'a', content: 'a'.repeat(600) }]);
    const bad = blobs.hold([{ name: 'bad', content: 'b', crc: 1 }]);
    const next = blobs.hold([{ name: 'c', content: 'c'.repeat(600) }]);
    await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
    await assert.rejects(stacked(cache, [sound, bad]), error => isFailure(error, 'code-invalid'));
    using _next = await acquireWhole(cache, next.digest, next.bytes);
    assert.deepEqual(await readdir(directory), [next.digest]);
  });

  test('what is put together stays when its packages go', async () => {
    const blobs = new HeldBlobs();
    const packages = [blobs.hold([{ name: 'a', content: 'a' }]), blobs.hold([{ name: 'b', content: 'b' }])];
    const next = blobs.hold([{ name: 'c', content: 'c'.repeat(998) }]);
    await using cache = await CodeCache.open({ directory, blobs, maxBytes: 1000 });
    using stack = await stacked(cache, packages);
    using _next = await acquireWhole(cache, next.digest, next.bytes);
    assert.deepEqual(cache.digests, [next.digest]);
    assert.equal(await readFile(join(stack.directory, 'a'), 'utf8'), 'a');
  });
});

async function acquireWhole(cache: CodeCache, digest: string, bytes: number): Promise<UnpackedCode> {
  const code = await cache.acquire({ digest, bytes });
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
