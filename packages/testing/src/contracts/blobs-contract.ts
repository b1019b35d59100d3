import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { BlobInfo, Blobs } from '@lambent/blobs';
import { isFailure } from '@lambent/core';

/** A store of blobs for one test, and what a test does to it from outside. */
export interface BlobsUnderTest extends AsyncDisposable {
  /** Another one after `reopen`. */
  readonly blobs: Blobs;
  /** Changes a byte of what is stored. */
  damage(digest: string): Promise<void>;
  /** Lets the blob have been put so much earlier. */
  age(digest: string, byMs: number): Promise<void>;
  reopen(): Promise<void>;
}

/** More than an adapter reads at once. */
const LARGE_BYTES = 3 * 1024 * 1024 + 17;
const HOUR_MS = 3_600_000;
/** Later than anything is put. */
const ANY_AGE = { storedBeforeMs: Number.POSITIVE_INFINITY };

/** The promises of `Blobs`, for any adapter. */
export function blobsContract(name: string, open: () => Promise<BlobsUnderTest>): void {
  const promise: Promised = (what, hold) =>
    void test(`${name}: ${what}`, async () => {
      await using subject = await open();
      await hold(subject);
    });

  promise('a blob is read as it was put, under its sha-256, also after a restart', async subject => {
    for (const bytes of [new Uint8Array(0), patterned(1), patterned(LARGE_BYTES)]) {
      const info = await subject.blobs.put(bytes);
      assert.deepEqual(info, { digest: digestOf(bytes), bytes: bytes.length });
      await subject.reopen();
      assert.deepEqual(await subject.blobs.stat(info.digest), info);
      assert.ok(Buffer.from(bytes).equals(await whole(subject.blobs, info.digest)));
    }
  });

  promise('putting the same blob again, even at once, changes nothing', async ({ blobs }) => {
    const bytes = patterned(LARGE_BYTES);
    const [first, ...others] = await Promise.all(Array.from({ length: 4 }, () => blobs.put(bytes)));
    assert.ok(first && others.every(info => info.digest === first.digest));
    assert.ok(Buffer.from(bytes).equals(await whole(blobs, first.digest)));
  });

  promise('a blob is what it was when it was given', async ({ blobs }) => {
    const bytes = patterned(1_000);
    const digest = digestOf(bytes);
    const stored = blobs.put(bytes);
    bytes.fill(0);
    assert.equal((await stored).digest, digest);
    assert.equal((await whole(blobs, digest)).length, bytes.length);
  });

  promise('a blob that is not there is code-missing, and so is one that was deleted', async ({ blobs }) => {
    const { digest } = await blobs.put(patterned(10));
    assert.equal(await blobs.delete(digest, ANY_AGE), true);
    assert.equal(await blobs.delete(digest, ANY_AGE), false);
    assert.equal(await blobs.stat(digest), undefined);
    await assert.rejects(whole(blobs, digest), error => isFailure(error, 'code-missing'));
  });

  promise(
    'a damaged blob is code-corrupt before its last chunk is given, until it is put again',
    async subject => {
      const { blobs } = subject;
      for (const bytes of [patterned(10), patterned(LARGE_BYTES)]) {
        const { digest } = await blobs.put(bytes);
        await subject.damage(digest);
        let given = 0;
        const read = async () => {
          for await (const chunk of blobs.read(digest)) given += chunk.length;
        };
        await assert.rejects(read(), error => isFailure(error, 'code-corrupt'));
        assert.ok(given < bytes.length);
        await blobs.put(bytes);
        assert.ok(Buffer.from(bytes).equals(await whole(blobs, digest)));
      }
    },
  );

  promise('a text that is no digest names no blob', async ({ blobs }) => {
    const { digest } = await blobs.put(patterned(10));
    for (const text of [
      '',
      '.',
      '..',
      '../blobs',
      `../${digest}`,
      digest.toUpperCase(),
      `${digest}0`,
      `${digest}\n`,
    ]) {
      assert.equal(await blobs.stat(text), undefined);
      assert.equal(await blobs.delete(text, ANY_AGE), false);
      await assert.rejects(whole(blobs, text), error => isFailure(error, 'code-missing'));
    }
    assert.notEqual(await blobs.stat(digest), undefined);
  });

  blobAgesContract(promise);
}

type Promised = (what: string, hold: (subject: BlobsUnderTest) => Promise<void>) => void;

function blobAgesContract(promise: Promised): void {
  promise('what is stored is listed, once each and also after a restart', async subject => {
    assert.deepEqual(await Array.fromAsync(subject.blobs.list()), []);
    const infos = await Promise.all([0, 1, 10].map(length => subject.blobs.put(patterned(length))));
    const { digest: deleted } = await subject.blobs.put(patterned(100));
    await subject.blobs.delete(deleted, ANY_AGE);
    await subject.reopen();
    const listed = await Array.fromAsync(subject.blobs.list(), ({ digest, bytes }) => ({ digest, bytes }));
    assert.deepEqual(inOrder(listed), inOrder(infos));
  });

  promise('putting a blob again begins its age anew', async subject => {
    const { digest } = await subject.blobs.put(patterned(10));
    const first = await storedAtMs(subject.blobs, digest);
    await subject.age(digest, HOUR_MS);
    assert.ok((await storedAtMs(subject.blobs, digest)) < first - HOUR_MS / 2);
    await subject.blobs.put(patterned(10));
    assert.ok((await storedAtMs(subject.blobs, digest)) >= first);
  });

  promise("the store's own time is the one that blobs are put at", async ({ blobs }) => {
    const beforeMs = await blobs.nowMs();
    const { digest } = await blobs.put(patterned(10));
    const atMs = await storedAtMs(blobs, digest);
    // Clocks of stores tell no less than a few milliseconds.
    assert.ok(beforeMs - 20 <= atMs && atMs <= (await blobs.nowMs()) + 20);
  });

  promise('a blob is deleted only if it was last put before the time given', async subject => {
    const { blobs } = subject;
    const { digest } = await blobs.put(patterned(10));
    const storedBeforeMs = await storedAtMs(blobs, digest);
    assert.equal(await blobs.delete(digest, { storedBeforeMs }), false);
    await subject.age(digest, HOUR_MS);
    await blobs.put(patterned(10));
    assert.equal(await blobs.delete(digest, { storedBeforeMs }), false);
    await subject.age(digest, HOUR_MS);
    assert.equal(await blobs.delete(digest, { storedBeforeMs }), true);
    assert.equal(await blobs.stat(digest), undefined);
  });

  promise('a blob put while it is deleted for its age is there afterwards', async subject => {
    const { blobs } = subject;
    const bytes = patterned(10);
    for (let round = 0; round < 50; round++) {
      const { digest } = await blobs.put(bytes);
      const storedBeforeMs = (await storedAtMs(blobs, digest)) - HOUR_MS / 2;
      await subject.age(digest, HOUR_MS);
      const deletions = Array.from({ length: 4 }, () => blobs.delete(digest, { storedBeforeMs }));
      const late = blobs.put(bytes).then(() => blobs.delete(digest, { storedBeforeMs }));
      await Promise.all([...deletions, late]);
      assert.equal(await late, false);
      assert.ok(Buffer.from(bytes).equals(await whole(blobs, digest)));
    }
  });

  promise('what is being read outlives its deletion', async ({ blobs }) => {
    const bytes = patterned(LARGE_BYTES);
    const { digest } = await blobs.put(bytes);
    const chunks: Uint8Array[] = [];
    for await (const chunk of blobs.read(digest)) {
      if (chunks.length === 0) assert.equal(await blobs.delete(digest, ANY_AGE), true);
      chunks.push(chunk);
    }
    assert.ok(Buffer.from(bytes).equals(Buffer.concat(chunks)));
  });
}

async function storedAtMs(blobs: Blobs, digest: string): Promise<number> {
  const listed = await Array.fromAsync(blobs.list());
  return listed.find(blob => blob.digest === digest)?.storedAtMs ?? assert.fail('not listed');
}

function inOrder(infos: readonly BlobInfo[]): BlobInfo[] {
  return infos.toSorted((a, b) => a.bytes - b.bytes);
}

function patterned(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31) ^ (index >> 8));
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function whole(blobs: Blobs, digest: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(blobs.read(digest)));
}
