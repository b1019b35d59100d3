import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { fail } from '@lambent/core';
import type { CommandTable } from '@lambent/sqlite';
import { DEDUPLICATION_MS } from './bus.ts';
import { BUS_SCHEMA } from './bus-schema.ts';
import { PULL_BYTES_MAX } from './pull-bytes.ts';

/** Forgotten ids removed with each enqueue: more than come in, so that they never pile up. */
const IDS_FORGOTTEN_AT_ONCE = 4;

/** A message on its way into a queue. */
export interface Incoming {
  readonly id: string;
  readonly delayMs: number;
  /** As JSON. */
  readonly headers: string;
  readonly body: Uint8Array;
}

/** Whose delivery it is: of which message, and which of its deliveries. */
export interface Receipt {
  readonly sequence: number;
  readonly deliveryCount: number;
}

export interface Delivered extends Receipt {
  readonly id: string;
  readonly headers: string;
  readonly body: Uint8Array;
  readonly enqueuedAtMs: number;
}

export interface Pulled {
  readonly messages: readonly Delivered[];
  /** When the next message of the queue falls due; undefined: none is there. */
  readonly nextDueMs: number | undefined;
}

export interface Enqueue {
  readonly queue: number;
  readonly maxMessages: number;
  readonly nowMs: number;
  readonly message: Incoming;
}

export interface Pull {
  readonly queue: number;
  readonly max: number;
  readonly nowMs: number;
  readonly heldUntilMs: number;
}

interface MessageRow {
  readonly sequence: number;
  readonly queue: number;
  readonly id: string;
  readonly enqueued_at_ms: number;
  readonly delivery_count: number;
  readonly headers: string;
  readonly body: Uint8Array;
}

export type BusCommands = ReturnType<typeof openCommands>;

/** What the bus runs within the store's thread. */
export function openCommands(database: DatabaseSync) {
  database.exec(BUS_SCHEMA);
  const tables = new BusTables(database);
  return {
    recover: (input: { nowMs: number }) => tables.recover(input.nowMs),
    openQueue: (input: { name: string }) => tables.openQueue(input.name),
    enqueue: (input: Enqueue) => tables.enqueue(input),
    pull: (input: Pull) => tables.pull(input),
    acknowledge: (input: Receipt) => tables.acknowledge(input),
    replace: (input: Receipt & { nowMs: number; next: Incoming }) => tables.replace(input),
    release: (input: Receipt & { nowMs: number; delayMs: number | undefined }) => tables.release(input),
    extend: (input: Receipt & { heldUntilMs: number }) => tables.extend(input),
    depth: (input: { queue: number }) => tables.depth(input.queue),
  } satisfies CommandTable;
}

class BusTables {
  readonly #database: DatabaseSync;
  readonly #addQueue: StatementSync;
  readonly #count: StatementSync;
  readonly #uncount: StatementSync;
  readonly #remember: StatementSync;
  readonly #forget: StatementSync;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #endHolds: StatementSync;
  readonly #ready: StatementSync;
  readonly #hold: StatementSync;
  readonly #nextDue: StatementSync;
  readonly #release: StatementSync;
  readonly #extend: StatementSync;
  readonly #depth: StatementSync;

  constructor(database: DatabaseSync) {
    const sql = (text: string) => database.prepare(text);
    this.#database = database;
    this.#addQueue = sql(
      `INSERT INTO bus_queues (name, messages) VALUES (?, 0)
       ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING queue`,
    );
    this.#count = sql('UPDATE bus_queues SET messages = messages + 1 WHERE queue = ? AND messages < ?');
    this.#uncount = sql('UPDATE bus_queues SET messages = messages - 1 WHERE queue = ?');
    this.#remember = sql(
      `INSERT INTO bus_ids (queue, id, seen_at_ms) VALUES (?, ?, ?)
       ON CONFLICT (queue, id) DO UPDATE SET seen_at_ms = excluded.seen_at_ms WHERE seen_at_ms <= ?`,
    );
    this.#forget = sql(
      `DELETE FROM bus_ids WHERE seen IN (
         SELECT seen FROM (SELECT seen, seen_at_ms FROM bus_ids ORDER BY seen LIMIT ${IDS_FORGOTTEN_AT_ONCE})
         WHERE seen_at_ms <= ?)`,
    );
    this.#insert = sql(
      `INSERT INTO bus_messages (queue, id, enqueued_at_ms, delay_ms, due_at_ms, delivery_count, headers, body)
       VALUES (?, ?, ?, ?, ?, 0, ?, ?)`,
    );
    this.#remove = sql('DELETE FROM bus_messages WHERE sequence = ? RETURNING queue, id, enqueued_at_ms');
    this.#endHolds = sql(
      'UPDATE bus_messages SET held_until_ms = NULL WHERE queue = ? AND held_until_ms <= ?',
    );
    this.#ready = sql(
      `SELECT sequence, queue, id, enqueued_at_ms, delivery_count, headers, body FROM bus_messages
       WHERE queue = ? AND held_until_ms IS NULL AND due_at_ms <= ? ORDER BY due_at_ms, sequence LIMIT ?`,
    );
    this.#hold = sql(
      'UPDATE bus_messages SET held_until_ms = ?, delivery_count = delivery_count + 1 WHERE sequence = ?',
    );
    this.#nextDue = sql(
      `SELECT min(at) AS at FROM (
         SELECT min(due_at_ms) AS at FROM bus_messages WHERE queue = ?1 AND held_until_ms IS NULL
         UNION ALL
         SELECT min(held_until_ms) FROM bus_messages WHERE queue = ?1 AND held_until_ms IS NOT NULL)`,
    );
    this.#release = sql(
      `UPDATE bus_messages SET held_until_ms = NULL, delay_ms = ?, due_at_ms = coalesce(?, due_at_ms)
       WHERE sequence = ? AND delivery_count = ? AND held_until_ms IS NOT NULL`,
    );
    this.#extend = sql(
      `UPDATE bus_messages SET held_until_ms = ?
       WHERE sequence = ? AND delivery_count = ? AND held_until_ms IS NOT NULL`,
    );
    this.#depth = sql(
      `SELECT messages,
         (SELECT count(*) FROM bus_messages WHERE queue = ?1 AND held_until_ms IS NOT NULL) AS held,
         (SELECT min(enqueued_at_ms) FROM bus_messages WHERE queue = ?1) AS oldest
       FROM bus_queues WHERE queue = ?1`,
    );
  }

  /** Whoever held a message died with the process before; and no delay grows because wall time was set back. */
  recover(nowMs: number): void {
    this.#database.exec('UPDATE bus_messages SET held_until_ms = NULL WHERE held_until_ms IS NOT NULL');
    this.#database
      .prepare('UPDATE bus_messages SET due_at_ms = :now + delay_ms WHERE due_at_ms > :now + delay_ms')
      .run({ now: nowMs });
  }

  openQueue(name: string): number {
    return Number(this.#addQueue.get(name)?.['queue']);
  }

  enqueue({ queue, maxMessages, nowMs, message }: Enqueue): void {
    this.#forget.run(nowMs - DEDUPLICATION_MS);
    if (!this.#isNew(queue, message.id, nowMs)) return;
    if (this.#count.run(queue, maxMessages).changes === 0)
      throw fail('queue-full', { queue: this.#nameOf(queue), max: maxMessages });
    this.#add(queue, message, nowMs, nowMs);
  }

  pull({ queue, max, nowMs, heldUntilMs }: Pull): Pulled {
    this.#endHolds.run(queue, nowMs);
    const messages: Delivered[] = [];
    let bytes = 0;
    for (const row of this.#ready.iterate(queue, nowMs, max) as Iterable<unknown> as Iterable<MessageRow>) {
      bytes += row.body.byteLength;
      if (messages.length > 0 && bytes > PULL_BYTES_MAX) break;
      messages.push(toDelivered(row));
    }
    for (const { sequence } of messages) this.#hold.run(heldUntilMs, sequence);
    const nextDueMs = this.#nextDue.get(queue)?.['at'];
    return { messages, nextDueMs: typeof nextDueMs === 'number' ? nextDueMs : undefined };
  }

  /** A late delivery counts too: the work was done. */
  acknowledge({ sequence }: Receipt): void {
    const row = this.#remove.get(sequence);
    if (row) this.#uncount.run(Number(row['queue']));
  }

  /**
   * Keeps the time of the first enqueue: `next` carries on the same work. Where another delivery has acknowledged
   * or replaced the message already, that was the end of it.
   */
  replace({ sequence, nowMs, next }: Receipt & { nowMs: number; next: Incoming }): void {
    const row = this.#remove.get(sequence) as MessageRow | undefined;
    if (!row) return;
    if (next.id === row.id || this.#isNew(row.queue, next.id, nowMs))
      this.#add(row.queue, next, nowMs, row.enqueued_at_ms);
    else this.#uncount.run(row.queue);
  }

  /** Only for who still holds it: after its time another delivery may be under way. */
  release(input: Receipt & { nowMs: number; delayMs: number | undefined }): void {
    const { sequence, deliveryCount, nowMs, delayMs } = input;
    const dueAtMs = delayMs === undefined ? null : nowMs + delayMs;
    this.#release.run(delayMs ?? 0, dueAtMs, sequence, deliveryCount);
  }

  extend({ sequence, deliveryCount, heldUntilMs }: Receipt & { heldUntilMs: number }): void {
    this.#extend.run(heldUntilMs, sequence, deliveryCount);
  }

  depth(queue: number): { messages: number; inFlight: number; oldestEnqueuedAtMs: number | undefined } {
    const row = this.#depth.get(queue);
    const oldest = row?.['oldest'];
    return {
      messages: Number(row?.['messages']),
      inFlight: Number(row?.['held']),
      oldestEnqueuedAtMs: typeof oldest === 'number' ? oldest : undefined,
    };
  }

  #isNew(queue: number, id: string, nowMs: number): boolean {
    return this.#remember.run(queue, id, nowMs, nowMs - DEDUPLICATION_MS).changes > 0;
  }

  #add(queue: number, message: Incoming, nowMs: number, enqueuedAtMs: number): void {
    const { id, delayMs, headers, body } = message;
    this.#insert.run(queue, id, enqueuedAtMs, delayMs, nowMs + delayMs, headers, body);
  }

  #nameOf(queue: number): string {
    return String(this.#database.prepare('SELECT name FROM bus_queues WHERE queue = ?').get(queue)?.['name']);
  }
}

function toDelivered(row: MessageRow): Delivered {
  return {
    sequence: row.sequence,
    deliveryCount: row.delivery_count + 1,
    id: row.id,
    headers: row.headers,
    body: row.body,
    enqueuedAtMs: row.enqueued_at_ms,
  };
}
