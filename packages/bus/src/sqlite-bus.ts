import type { Clock } from '@lambent/core';
import { type Commands, Doorbell, type SqliteStore } from '@lambent/sqlite';
import type { Bus, BusMessage, Headers, Queue, QueueOptions } from './bus.ts';
import type { BusCommands } from './bus-commands.ts';
import { InProcessSubjects } from './in-process-subjects.ts';
import { SqliteQueue } from './sqlite-queue.ts';

export interface SqliteBusOptions {
  readonly store: Pick<SqliteStore, 'mount'>;
  readonly clock: Clock;
}

/**
 * The bus of one process: subjects in memory, queues in one SQLite file. One of these per store at a time: opening
 * it takes every message back that was delivered and not acknowledged. Dispose ends what waits and leaves the
 * store open.
 *
 * Due times must outlive the process, so they are wall time; and must not jump, so they are counted from the wall
 * time at which the bus was opened by the monotonic clock.
 */
export class SqliteBus implements Bus {
  readonly #commands: Commands<BusCommands>;
  readonly #clock: Clock;
  readonly #subjects: InProcessSubjects;
  readonly #offsetMs: number;
  /** By queue: bounded by the queues there are. */
  readonly #changed = new Map<number, Doorbell>();
  readonly #closing = new AbortController();

  private constructor(clock: Clock, commands: Commands<BusCommands>) {
    this.#commands = commands;
    this.#clock = clock;
    this.#subjects = new InProcessSubjects(clock);
    this.#offsetMs = clock.nowMs() - clock.monotonicMs();
  }

  static async open({ store, clock }: SqliteBusOptions): Promise<SqliteBus> {
    const commands = await store.mount<BusCommands>(new URL('./bus-commands.ts', import.meta.url));
    const bus = new SqliteBus(clock, commands);
    await commands.run('recover', { nowMs: bus.#storeMs() });
    return bus;
  }

  publish(subject: string, body: Uint8Array, headers?: Headers): void {
    this.#subjects.publish(subject, body, headers);
  }

  subscribe(
    subject: string,
    receive: (message: BusMessage) => void,
    options?: { readonly group?: string },
  ): AsyncDisposable {
    return this.#subjects.subscribe(subject, receive, options);
  }

  request(
    subject: string,
    body: Uint8Array,
    options: { timeoutMs: number; headers?: Headers },
  ): Promise<BusMessage> {
    return this.#subjects.request(subject, body, options);
  }

  async openQueue(name: string, options: QueueOptions): Promise<Queue> {
    const queue = await this.#commands.run('openQueue', { name });
    const changed = this.#changed.get(queue) ?? new Doorbell();
    this.#changed.set(queue, changed);
    return new SqliteQueue({
      ...options,
      queue,
      changed,
      commands: this.#commands,
      clock: this.#clock,
      storeMs: () => this.#storeMs(),
      closing: this.#closing.signal,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#subjects[Symbol.dispose]();
    for (const changed of this.#changed.values()) changed.ring();
  }

  #storeMs(): number {
    return this.#offsetMs + this.#clock.monotonicMs();
  }
}
