import { Worker } from 'node:worker_threads';
import { fail } from '@lambent/core';
import type { Commands, CommandTable } from './command-table.ts';
import {
  type Answer,
  type MountRequest,
  OPENED,
  type Request,
  type RunRequest,
  type ThreadOptions,
} from './thread-messages.ts';

export interface SqliteStoreOptions {
  /** The database file, or `:memory:`. Its directory must exist. */
  readonly file: string;
  /** What the file may grow to; past that every write fails with `storage-failed`. Default: `FILE_BYTES_MAX`. */
  readonly fileBytesMax?: number;
}

/** A full disk stops more than Lambent: stop before it. */
export const FILE_BYTES_MAX = 64 * 1024 ** 3;
/** A second of work on a plain disk. Past it `queue-full`: whoever waits longer has given up already. */
export const PENDING_COMMANDS_MAX = 8_192;
/** Bodies that wait for the disk, in memory. One command alone may be larger. */
export const PENDING_BYTES_MAX = 64 * 1024 * 1024;

type NewRequest = Omit<RunRequest, 'id'> | Omit<MountRequest, 'id'>;

interface Pending {
  readonly bytes: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One SQLite file behind one thread, for all that is durable in an embedded Lambent. Packages mount their commands
 * in it; commands run one at a time in the order they were given and commit in groups.
 *
 * - open: commands are taken.
 * - closing: entered by dispose; no new command is taken, those given are finished, then the file is closed.
 * - failed: the thread died of a bug or for want of memory; everything given and every later command fails with
 *   `storage-failed`. What was answered before is in the file.
 */
export class SqliteStore implements AsyncDisposable {
  readonly #file: string;
  readonly #thread: Worker;
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #pendingBytes = 0;
  #state: { kind: 'open' } | { kind: 'closing' } | { kind: 'failed'; cause: unknown } = { kind: 'open' };
  #closed: Promise<void> | undefined;
  #idle: (() => void) | undefined;
  #lastId = OPENED;
  #lastMount = 0;
  /** Given in this turn of the event loop: one message takes them all to the thread. */
  #outbox: Request[] = [];
  #moved: ArrayBuffer[] = [];

  private constructor(file: string, thread: Worker) {
    this.#file = file;
    this.#thread = thread;
    this.#exited = new Promise(resolve => thread.once('exit', () => resolve()));
    thread.on('message', (answers: readonly Answer[]) => this.#settle(answers));
    thread.on('error', cause => this.#fail(cause));
  }

  /** Throws `data-locked` when another process, or another store of this one, has the file. */
  static async open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const { file, fileBytesMax = FILE_BYTES_MAX } = options;
    const workerData: ThreadOptions = { file, fileBytesMax };
    const thread = new Worker(new URL('./sqlite-thread.ts', import.meta.url), { workerData, name: 'sqlite' });
    const store = new SqliteStore(file, thread);
    try {
      await store.#answerTo(OPENED, 0);
      return store;
    } catch (error) {
      await store.#exited;
      throw error;
    }
  }

  /** Makes the commands of a module (see `OpenCommands`) available, within the thread. */
  async mount<Table extends CommandTable>(module: URL): Promise<Commands<Table>> {
    this.#lastMount += 1;
    const mount = this.#lastMount;
    await this.#send({ kind: 'mount', mount, module: module.href }, []);
    return {
      run: (command, input, bodies = []) =>
        this.#send({ kind: 'run', mount, command, input }, bodies) as Promise<
          ReturnType<Table[typeof command]>
        >,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #send(request: NewRequest, bodies: readonly Uint8Array<ArrayBuffer>[]): Promise<unknown> {
    const bytes = bodies.reduce((sum, body) => sum + body.byteLength, 0);
    const refusal = this.#refusal(bytes);
    if (refusal) return Promise.reject(refusal);
    this.#lastId += 1;
    const id = this.#lastId;
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
    this.#outbox.push({ ...request, id });
    this.#moved.push(...bodies.map(body => body.buffer));
    return this.#answerTo(id, bytes);
  }

  #refusal(bytes: number): Error | undefined {
    const { kind } = this.#state;
    if (kind === 'closing') return fail('storage-failed', { detail: 'it is closed' });
    if (kind === 'failed') return this.#failure(this.#state.cause);
    if (this.#pending.size >= PENDING_COMMANDS_MAX)
      return fail('queue-full', { queue: this.#file, max: PENDING_COMMANDS_MAX });
    if (this.#pending.size > 0 && this.#pendingBytes + bytes > PENDING_BYTES_MAX)
      return fail('queue-full', { queue: this.#file, max: PENDING_BYTES_MAX });
    return undefined;
  }

  #flush(): void {
    this.#thread.postMessage(this.#outbox, this.#moved);
    this.#outbox = [];
    this.#moved = [];
  }

  #answerTo(id: number, bytes: number): Promise<unknown> {
    this.#pendingBytes += bytes;
    return new Promise((resolve, reject) => this.#pending.set(id, { bytes, resolve, reject }));
  }

  #settle(answers: readonly Answer[]): void {
    for (const answer of answers) {
      const pending = this.#pending.get(answer.id);
      if (!pending) continue;
      this.#pending.delete(answer.id);
      this.#pendingBytes -= pending.bytes;
      if ('failure' in answer) pending.reject(fail(answer.failure.reason, answer.failure.fields));
      else pending.resolve(answer.value);
    }
    if (this.#pending.size === 0) this.#idle?.();
  }

  #fail(cause: unknown): void {
    this.#state = { kind: 'failed', cause };
    for (const pending of this.#pending.values()) pending.reject(this.#failure(cause));
    this.#pending.clear();
    this.#pendingBytes = 0;
    this.#idle?.();
  }

  #failure(cause: unknown): Error {
    return fail('storage-failed', { detail: `the thread of ${this.#file} died` }, { cause });
  }

  async #close(): Promise<void> {
    if (this.#state.kind === 'open') {
      this.#state = { kind: 'closing' };
      if (this.#pending.size > 0) await new Promise<void>(resolve => (this.#idle = resolve));
      this.#thread.postMessage([{ kind: 'close' }] satisfies Request[]);
    }
    await this.#exited;
  }
}
