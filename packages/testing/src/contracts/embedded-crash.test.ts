import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DirectoryBlobs } from '@lambent/blobs';
import { SqliteBus } from '@lambent/bus';
import { isFailure, SeededRandom, SystemClock } from '@lambent/core';
import { SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';

const WRITER = fileURLToPath(new URL('./embedded-crash-writer.ts', import.meta.url));
const SEEDS = Array.from({ length: 15 }, (_, index) => index + 1);
/** A crash comes after so many acknowledgements at most: some in the first groups, some beyond a checkpoint. */
const LINES_MAX = 3_000;
const clock = new SystemClock();

for (const seed of SEEDS) {
  test(`what was acknowledged survives kill -9, seed ${seed}`, { timeout: 20_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lambent-crash-'));
    try {
      const lines = Math.floor(new SeededRandom(seed).fraction() ** 2 * LINES_MAX);
      const told = await runUntilKilled(directory, seed, lines);
      assert.ok(told.lines.length > lines);
      await using store = await SqliteStore.open({ file: join(directory, 'lambent.db') });
      await checkQueue(store, told);
      await checkRegistry(store, told);
      await checkBlobs(join(directory, 'blobs'), told);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
}

test('the file of a living process is data-locked, and free as soon as it is dead', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-crash-'));
  try {
    const file = join(directory, 'lambent.db');
    const writer = new Writer(directory, 1);
    await writer.told(1);
    await assert.rejects(SqliteStore.open({ file }), error => isFailure(error, 'data-locked'));
    await writer.kill();
    await using _store = await SqliteStore.open({ file });
  } finally {
    await rm(directory, { recursive: true });
  }
});

async function checkQueue(store: SqliteStore, told: Told): Promise<void> {
  await using bus = await SqliteBus.open({ store, clock });
  const queue = await bus.openQueue('queue', { maxMessages: 1_000_000, redeliverAfterMs: 60_000 });
  const { messages } = await queue.depth();
  const pulled: string[] = [];
  for (let batch = await queue.pull({ max: 500, waitMs: 0 }); batch.length > 0; ) {
    pulled.push(...batch.map(delivery => delivery.id));
    batch = await queue.pull({ max: 500, waitMs: 0 });
  }
  const there = new Set(pulled);
  assert.equal(there.size, pulled.length);
  assert.equal(messages, pulled.length);
  const settling = new Set(told.of('settling'));
  const settled = new Set(told.of('settled'));
  const lost = told.of('enqueued').filter(id => !there.has(id) && !settling.has(id));
  assert.deepEqual(lost, []);
  const back = pulled.filter(id => settled.has(id));
  assert.deepEqual(back, []);
}

async function checkRegistry(store: SqliteStore, told: Told): Promise<void> {
  await using registry = await SqliteRegistry.open({ store, clock });
  const { entries, revision } = await registry.range('');
  const found = new Map(entries.map(entry => [entry.key, entry]));
  for (const line of [...told.of('put'), ...told.of('pair')]) {
    const [key = '', committed] = line.split(' ');
    assert.ok((found.get(key)?.modRevision ?? 0) >= Number(committed), `${key} was written at ${committed}`);
    assert.ok(revision >= Number(committed));
  }
  const [left, right] = [found.get('pair/left'), found.get('pair/right')];
  assert.deepEqual([left?.value, left?.modRevision], [right?.value, right?.modRevision]);
  assert.equal(found.has('leased'), false);
}

async function checkBlobs(directory: string, told: Told): Promise<void> {
  const blobs = await DirectoryBlobs.open({ directory });
  const names = (await readdir(directory)).filter(name => name !== 'incoming');
  const missing = told.of('stored').filter(digest => !names.includes(digest));
  assert.deepEqual(missing, []);
  // Reading to the end checks the digest: nothing half-written has a name.
  for (const digest of names) for await (const _ of blobs.read(digest));
}

async function runUntilKilled(directory: string, seed: number, lines: number): Promise<Told> {
  const writer = new Writer(directory, seed);
  await writer.told(lines + 1);
  return writer.kill();
}

/** What the writer wrote to its standard output, line by line. */
class Told {
  readonly lines: readonly string[];

  constructor(output: string) {
    this.lines = output.split('\n').slice(0, -1);
  }

  of(word: string): string[] {
    return this.lines.filter(line => line.startsWith(`${word} `)).map(line => line.slice(word.length + 1));
  }
}

class Writer {
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = '';
  #lines = 0;
  #heard: () => void = () => {};

  constructor(directory: string, seed: number) {
    this.#process = spawn(process.execPath, [WRITER, directory, `${seed}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#closed = once(this.#process, 'close');
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#lines += text.split('\n').length - 1;
      this.#heard();
    });
  }

  /** Resolves once so many lines were told. */
  async told(lines: number): Promise<void> {
    while (this.#lines < lines) {
      const heard = new Promise<void>(resolve => {
        this.#heard = resolve;
      });
      const ended = await Promise.race([heard, this.#closed.then(() => 'ended')]);
      assert.notEqual(ended, 'ended', 'the writer ended by itself');
    }
  }

  async kill(): Promise<Told> {
    this.#process.kill('SIGKILL');
    await this.#closed;
    return new Told(this.#output);
  }
}
