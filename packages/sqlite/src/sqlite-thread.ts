/**
 * The one thread that touches the database file, since SQLite blocks whoever calls it. It takes what has arrived,
 * commits it as one group, answers, and looks again: while one group waits for the disk the next one gathers, so
 * a lone caller never waits for company and a crowd shares its waits.
 */
import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type Clock, SystemClock } from '@lambent/core';
import type { CommandTable, OpenCommands } from './command-table.ts';
import { GroupCommit, type Step } from './group-commit.ts';
import { openDatabase } from './open-database.ts';
import { toFailure } from './storage-failure.ts';
import {
  type Answer,
  type MountRequest,
  OPENED,
  type Request,
  type RunRequest,
  type ThreadOptions,
} from './thread-messages.ts';

/** How long a group takes in further commands: no answer is held back longer than this for the sake of others. */
const GROUP_MS = 2;

type Port = NonNullable<typeof parentPort>;

class SqliteThread {
  readonly #port: Port;
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #groups: GroupCommit;
  readonly #tables = new Map<number, CommandTable>();
  /** Arrived and not yet run; bounded by what the store lets be pending. */
  #arrived: RunRequest[] = [];
  #scheduled = false;

  constructor(port: Port, database: DatabaseSync, clock: Clock) {
    this.#port = port;
    this.#database = database;
    this.#clock = clock;
    this.#groups = new GroupCommit(database);
  }

  serve(): void {
    this.#port.on('message', (requests: readonly Request[]) => {
      this.#accept(requests);
      this.#schedule();
    });
    this.#answer([{ id: OPENED, value: undefined }]);
  }

  #accept(requests: readonly Request[]): void {
    for (const request of requests) {
      if (request.kind === 'run') this.#arrived.push(request);
      else if (request.kind === 'mount') void this.#mount(request);
      else this.#close();
    }
  }

  /** One group in each turn of the event loop, so that mounting and closing get theirs. */
  #schedule(): void {
    if (this.#scheduled || this.#arrived.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#answer(this.#groups.run(this.#group()));
      this.#schedule();
    });
  }

  *#group(): Generator<Step> {
    const untilMs = this.#clock.monotonicMs() + GROUP_MS;
    let taken = 0;
    try {
      for (;;) {
        const request = this.#arrived[taken] ?? this.#receive()[taken];
        if (!request) return;
        taken += 1;
        yield this.#step(request);
        if (this.#clock.monotonicMs() >= untilMs) return;
      }
    } finally {
      this.#arrived.splice(0, taken);
    }
  }

  /** What has been sent since the event loop last turned. */
  #receive(): readonly RunRequest[] {
    const message = receiveMessageOnPort(this.#port);
    if (message) this.#accept(message.message as readonly Request[]);
    return this.#arrived;
  }

  #step({ id, mount, command, input }: RunRequest): Step {
    const run = this.#tables.get(mount)?.[command];
    assert(run, `no command ${command} is mounted`);
    return { id, run: () => run(input as never) };
  }

  async #mount({ id, mount, module }: MountRequest): Promise<void> {
    const { openCommands } = (await import(module)) as { openCommands: OpenCommands };
    const answers = this.#groups.run([
      { id, run: () => void this.#tables.set(mount, openCommands(this.#database)) },
    ]);
    this.#answer(answers);
  }

  /** The store asks for this only once everything before it was answered. */
  #close(): void {
    this.#database.close();
    this.#port.close();
  }

  #answer(answers: readonly Answer[]): void {
    this.#port.postMessage(answers);
  }
}

assert(parentPort, 'sqlite-thread.ts is started as a thread');
try {
  new SqliteThread(parentPort, openDatabase(workerData as ThreadOptions), new SystemClock()).serve();
} catch (error) {
  const failure = toFailure(error);
  if (!failure) throw error;
  parentPort.postMessage([{ id: OPENED, failure }] satisfies Answer[]);
}
