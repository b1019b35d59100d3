import assert from 'node:assert/strict';
import files, { mkdir, mkdtemp, open, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { blobsContract } from '@lambent/testing';
import { DirectoryBlobs } from './directory-blobs.ts';

blobsContract('DirectoryBlobs', async () => {
  const scratch = await Scratch.make();
  let blobs = await DirectoryBlobs.open(scratch);
  return {
    get blobs() {
      return blobs;
    },
    async damage(digest) {
      await using file = await open(join(scratch.directory, digest), 'r+');
      await file.write(new Uint8Array([0xee]), 0, 1, 3);
    },
    async age(digest, byMs) {
      const path = join(scratch.directory, digest);
      const storedAt = new Date((await stat(path)).mtimeMs - byMs);
      await utimes(path, storedAt, storedAt);
    },
    async reopen() {
      blobs = await DirectoryBlobs.open(scratch);
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
});

test('what a crash left half-written is gone after opening, what was whole is not', async () => {
  await using scratch = await Scratch.make();
  const { digest } = await (await DirectoryBlobs.open(scratch)).put(new Uint8Array(10));
  await writeFile(join(scratch.directory, 'incoming', '1'), 'half');
  const blobs = await DirectoryBlobs.open(scratch);
  assert.deepEqual((await readdir(scratch.directory)).sort(), [digest, 'incoming'].sort());
  assert.deepEqual(await readdir(join(scratch.directory, 'incoming')), []);
  assert.equal((await blobs.stat(digest))?.bytes, 10);
});

test('a put that fails is storage-failed and leaves nothing behind', async () => {
  await using scratch = await Scratch.make();
  const blobs = await DirectoryBlobs.open(scratch);
  const bytes = new Uint8Array(10);
  const { digest } = await blobs.put(bytes);
  await blobs.delete(digest, { storedBeforeMs: Number.POSITIVE_INFINITY });
  // A directory where the file should go: the rename is refused.
  await mkdir(join(scratch.directory, digest, 'occupied'), { recursive: true });
  await assert.rejects(blobs.put(bytes), error => isFailure(error, 'storage-failed'));
  assert.deepEqual(await readdir(join(scratch.directory, 'incoming')), []);
});

test('a put that comes between the look and the deletion waits for it, and is not undone', async t => {
  await using scratch = await Scratch.make();
  const blobs = await DirectoryBlobs.open(scratch);
  const bytes = new Uint8Array(10);
  const { digest } = await blobs.put(bytes);
  const deleting = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const { unlink } = files;
  t.mock.method(files, 'unlink', async (path: string) => {
    deleting.resolve();
    await release.promise;
    await unlink(path);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const deleted = blobs.delete(digest, { storedBeforeMs: Number.POSITIVE_INFINITY });
  await deleting.promise;
  const again = blobs.put(bytes);
  // Another blob waits for nobody; when it is there, the first could have been, too.
  await blobs.put(new Uint8Array(20));
  release.resolve();
  assert.equal(await deleted, true);
  await again;
  assert.equal((await blobs.stat(digest))?.bytes, bytes.length);
});

test('a directory that cannot be made is storage-failed', async () => {
  await using scratch = await Scratch.make();
  await writeFile(join(scratch.directory, 'file'), '');
  await assert.rejects(DirectoryBlobs.open({ directory: join(scratch.directory, 'file') }), error =>
    isFailure(error, 'storage-failed'),
  );
});

class Scratch implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<Scratch> {
    return new Scratch(await mkdtemp(join(tmpdir(), 'lambent-blobs-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}
