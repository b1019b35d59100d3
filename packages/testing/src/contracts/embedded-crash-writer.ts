/**
 * Writes through the embedded adapters until it is killed, and tells its standard output what was acknowledged to
 * it, and what it is about to settle: the two between which a crash may fall either way.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryBlobs } from '@lambent/blobs';
import { type Delivery, type Queue, type QueueMessage, SqliteBus } from '@lambent/bus';
import { type Random, SeededRandom, SystemClock } from '@lambent/core';
import { type Registry, SqliteRegistry, type Write } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';

const STANDARD_OUTPUT = 1;
/** Enough at once for groups of several commands. */
const WRITERS = 8;
const KEYS = 50;

class CrashWriter {
  readonly #name: string;
  readonly #registry: Registry;
  readonly #queue: Queue;
  readonly #blobs: DirectoryBlobs;
  readonly #random: Random;
  #count = 0;

  constructor(options: {
    name: string;
    registry: Registry;
    queue: Queue;
    blobs: DirectoryBlobs;
    random: Random;
  }) {
    this.#name = options.name;
    this.#registry = options.registry;
    this.#queue = options.queue;
    this.#blobs = options.blobs;
    this.#random = options.random;
  }

  async write(): Promise<never> {
    const steps = [
      () => this.#enqueue(),
      () => this.#enqueue(),
      () => this.#settle(),
      () => this.#put(),
      () => this.#putPair(),
      () => this.#store(),
    ];
    for (;;) await steps[Math.floor(this.#random.fraction() * steps.length)]?.();
  }

  async #enqueue(): Promise<void> {
    const message = this.#message();
    await this.#queue.enqueue(message);
    tell('enqueued', message.id);
  }

  async #settle(): Promise<void> {
    const deliveries = await this.#queue.pull({ max: 3, waitMs: 0 });
    await Promise.all(deliveries.map(delivery => this.#settleOne(delivery)));
  }

  async #settleOne(delivery: Delivery): Promise<void> {
    if (this.#random.fraction() < 0.2) return delivery.release();
    tell('settling', delivery.id);
    if (this.#random.fraction() < 0.5) {
      await delivery.acknowledge();
    } else {
      const next = this.#message();
      await delivery.replace(next);
      tell('enqueued', next.id);
    }
    tell('settled', delivery.id);
  }

  async #put(): Promise<void> {
    const number = this.#next();
    await this.#commit('put', [put(`key/${number % KEYS}`, number)]);
  }

  /** Two keys that are always written together. */
  async #putPair(): Promise<void> {
    const number = this.#next();
    await this.#commit('pair', [put('pair/left', number), put('pair/right', number)]);
  }

  async #commit(word: string, write: readonly Write[]): Promise<void> {
    const result = await this.#registry.transact({ compare: [], write });
    if (result.kind === 'committed') tell(word, `${write[0]?.key} ${result.revision}`);
  }

  async #store(): Promise<void> {
    const { digest } = await this.#blobs.put(
      this.#random.bytes(1 + Math.floor(this.#random.fraction() * 50_000)),
    );
    tell('stored', digest);
  }

  #message(): QueueMessage {
    return { id: `${this.#name}-${this.#next()}`, body: this.#random.bytes(300), headers: {} };
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }
}

function put(key: string, number: number): Write {
  return { kind: 'put', key, value: new TextEncoder().encode(`${number}`) };
}

/** In one system call, so that a kill leaves no half of a line. */
function tell(word: string, what: string): void {
  writeSync(STANDARD_OUTPUT, `${word} ${what}\n`);
}

const [directory = '', seed = ''] = process.argv.slice(2);
const clock = new SystemClock();
await using store = await SqliteStore.open({ file: join(directory, 'lambent.db') });
await using registry = await SqliteRegistry.open({ store, clock });
await using bus = await SqliteBus.open({ store, clock });
const queue = await bus.openQueue('queue', { maxMessages: 1_000_000, redeliverAfterMs: 60_000 });
const blobs = await DirectoryBlobs.open({ directory: join(directory, 'blobs') });
const lease = await registry.grantLease(60_000);
await registry.transact({
  compare: [],
  write: [{ kind: 'put', key: 'leased', value: new Uint8Array(), lease }],
});
tell('ready', seed);
await Promise.all(
  Array.from({ length: WRITERS }, (_, index) => {
    const random = new SeededRandom(Number(seed) * WRITERS + index);
    return new CrashWriter({ name: `${index}`, registry, queue, blobs, random }).write();
  }),
);
