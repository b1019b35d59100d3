import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFailure, type Reason } from '@lambent/core';
import type { NotesCommands } from './fixtures/notes-commands.ts';
import { PENDING_BYTES_MAX, PENDING_COMMANDS_MAX, SqliteStore } from './sqlite-store.ts';

const NOTES = new URL('./fixtures/notes-commands.ts', import.meta.url);
const EMPTY = new Uint8Array();

test('commands are answered in the order they were given, each seeing those before it', async () => {
  await using store = await SqliteStore.open({ file: ':memory:' });
  const notes = await store.mount<NotesCommands>(NOTES);
  const order: string[] = [];
  const note = async (name: string) => {
    await notes.run('add', { name, body: EMPTY });
    order.push(name);
  };
  const [seen] = await Promise.all([note('a').then(() => notes.run('names', {})), note('b'), note('c')]);
  assert.deepEqual(order, ['a', 'b', 'c']);
  assert.deepEqual(seen, ['a', 'b', 'c']);
});

test('a command that fails takes nothing of its group with it, and leaves nothing of its own', async () => {
  await using store = await SqliteStore.open({ file: ':memory:' });
  const notes = await store.mount<NotesCommands>(NOTES);
  const results = await Promise.allSettled([
    notes.run('add', { name: 'before', body: EMPTY }),
    notes.run('addAndRefuse', { name: 'refused', body: EMPTY }),
    notes.run('add', { name: 'after', body: EMPTY }),
  ]);
  assert.deepEqual(
    results.map(result => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  const [, refused] = results;
  assert.ok(refused.status === 'rejected' && isFailure(refused.reason, 'queue-full'));
  assert.deepEqual(await notes.run('names', {}), ['after', 'before']);
});

test('commands that arrive together share their waits for the disk', async () => {
  await using scratch = await Scratch.make();
  await using store = await SqliteStore.open(scratch);
  const notes = await store.mount<NotesCommands>(NOTES);
  const count = 900;
  await Promise.all(
    Array.from({ length: count }, (_, index) => notes.run('add', { name: `${index}`, body: EMPTY })),
  );
  // Each commit adds the pages it changed to the log: at least one.
  const commitsAtMost = (await stat(`${scratch.file}-wal`)).size / 4_096;
  assert.ok(commitsAtMost < count / 2, `${commitsAtMost} pages for ${count} commands`);
});

test('what was answered is in the file when it is opened again', async () => {
  await using scratch = await Scratch.make();
  {
    await using store = await SqliteStore.open(scratch);
    const notes = await store.mount<NotesCommands>(NOTES);
    await notes.run('add', { name: 'kept', body: EMPTY });
  }
  await using store = await SqliteStore.open(scratch);
  const notes = await store.mount<NotesCommands>(NOTES);
  assert.deepEqual(await notes.run('names', {}), ['kept']);
});

test('only its owner can read the file', async () => {
  await using scratch = await Scratch.make();
  await using store = await SqliteStore.open(scratch);
  await store.mount<NotesCommands>(NOTES);
  for (const suffix of ['', '-wal']) assert.equal((await stat(scratch.file + suffix)).mode & 0o777, 0o600);
});

test('a second opener of the file is data-locked until the first has closed it', async () => {
  await using scratch = await Scratch.make();
  {
    await using _first = await SqliteStore.open(scratch);
    await assert.rejects(SqliteStore.open(scratch), rejection('data-locked'));
  }
  await using _second = await SqliteStore.open(scratch);
});

test('a file that is no database, or cannot be made, is storage-failed', async () => {
  await using scratch = await Scratch.make();
  const file = join(scratch.directory, 'missing', 'lambent.db');
  await assert.rejects(SqliteStore.open({ file }), rejection('storage-failed'));
  await writeFile(scratch.file, 'no database at all, but long enough to be taken for one'.repeat(100));
  await assert.rejects(SqliteStore.open(scratch), rejection('storage-failed'));
});

test('a full file is storage-failed for whoever writes, and reads go on', async () => {
  await using scratch = await Scratch.make();
  await using store = await SqliteStore.open({ file: scratch.file, fileBytesMax: 40 * 4_096 });
  const notes = await store.mount<NotesCommands>(NOTES);
  await notes.run('add', { name: 'kept', body: EMPTY });
  const add = (name: string) => notes.run('add', { name, body: new Uint8Array(100_000) });
  const [first, second] = await Promise.allSettled([add('fits'), add('does not')]);
  assert.ok(second.status === 'rejected' && isFailure(second.reason, 'storage-failed'));
  const kept = first.status === 'fulfilled' ? ['fits', 'kept'] : ['kept'];
  assert.deepEqual(await notes.run('names', {}), kept);
  await notes.run('add', { name: 'small', body: EMPTY });
});

test('more commands or bytes than may be pending are queue-full, and nothing of them is stored', async () => {
  await using store = await SqliteStore.open({ file: ':memory:' });
  const notes = await store.mount<NotesCommands>(NOTES);
  const commands = Array.from({ length: PENDING_COMMANDS_MAX }, (_, index) =>
    notes.run('add', { name: `${index}`, body: EMPTY }),
  );
  await assert.rejects(notes.run('names', {}), rejection('queue-full'));
  await Promise.all(commands);
  const half = () => new Uint8Array(PENDING_BYTES_MAX / 2 + 1);
  const [left, right] = [half(), half()];
  const large = notes.run('add', { name: 'large', body: left }, [left]);
  await assert.rejects(notes.run('add', { name: 'larger', body: right }, [right]), rejection('queue-full'));
  await large;
  assert.equal((await notes.run('names', {})).length, PENDING_COMMANDS_MAX + 1);
});

test('a bug in a command ends the store, not the process', async () => {
  await using store = await SqliteStore.open({ file: ':memory:' });
  const notes = await store.mount<NotesCommands>(NOTES);
  await assert.rejects(notes.run('break', {}), error => {
    assert.ok(isFailure(error, 'storage-failed'));
    return error.cause instanceof TypeError;
  });
  await assert.rejects(notes.run('names', {}), rejection('storage-failed'));
});

test('disposing finishes what was given, refuses what comes after, and can be done twice', async () => {
  await using scratch = await Scratch.make();
  const store = await SqliteStore.open(scratch);
  const notes = await store.mount<NotesCommands>(NOTES);
  const given = notes.run('add', { name: 'given', body: EMPTY });
  const closing = store[Symbol.asyncDispose]();
  await assert.rejects(notes.run('names', {}), rejection('storage-failed'));
  await store[Symbol.asyncDispose]();
  await Promise.all([given, closing]);
  await using again = await SqliteStore.open(scratch);
  const after = await again.mount<NotesCommands>(NOTES);
  assert.deepEqual(await after.run('names', {}), ['given']);
});

function rejection(reason: Reason) {
  return (error: unknown) => isFailure(error, reason);
}

class Scratch implements AsyncDisposable {
  readonly directory: string;
  readonly file: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.file = join(directory, 'lambent.db');
  }

  static async make(): Promise<Scratch> {
    return new Scratch(await mkdtemp(join(tmpdir(), 'lambent-sqlite-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}
