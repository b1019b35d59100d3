import { setTimeout as wait } from 'node:timers/promises';

/** How one call ended, as its caller saw it. */
export interface Call {
  readonly key: string;
  readonly door: Door;
  readonly sentMs: number;
  endedMs?: number;
  /** Undefined while it is out; 'ok', or the error's type. */
  outcome?: string;
  /** What the caller was told besides. */
  message?: string;
}

/** One way in: sends one call and resolves when it was answered well; rejects with what the caller is told. */
export interface Door {
  /** Says which way through which gateway. */
  readonly name: string;
  /** The gateway it leads through, where that is always the same. */
  readonly gateway: string | undefined;
  readonly kind: 'sync' | 'async';
  send(key: string): Promise<void>;
}

export interface SteadyLoadOptions {
  /** Begins every key, so that those of one load are of no other. */
  readonly name: string;
  readonly doors: readonly Door[];
  /** Through each door. */
  readonly everyMs: number;
}

/** Calls at a steady rate through every door, whatever becomes of those before, and what became of each. */
export class SteadyLoad implements AsyncDisposable {
  readonly calls: Call[] = [];
  readonly #stopping = new AbortController();
  readonly #lanes: Promise<void>[];
  readonly #out = new Set<Promise<void>>();

  constructor({ name, doors, everyMs }: SteadyLoadOptions) {
    this.#lanes = doors.map(async (door, index) => {
      // One after the other, not all at once.
      await this.#pause((index * everyMs) / doors.length);
      await this.#lane(door, `${name}/${door.name}`, everyMs);
    });
  }

  /** Stops sending; resolves when every call was answered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#lanes);
    await Promise.all(this.#out);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #lane(door: Door, name: string, everyMs: number): Promise<void> {
    const { signal } = this.#stopping;
    for (let number = 0; !signal.aborted; number += 1) {
      const sent = this.#send(door, `${name}/${number}`).finally(() => this.#out.delete(sent));
      this.#out.add(sent);
      await this.#pause(everyMs);
    }
  }

  /** Ends early when the load does. */
  async #pause(durationMs: number): Promise<void> {
    await wait(durationMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #send(door: Door, key: string): Promise<void> {
    const call: Call = { key, door, sentMs: performance.now() };
    this.calls.push(call);
    call.outcome = await door.send(key).then(
      () => 'ok',
      (error: unknown) => {
        const { name, code, message } = error as { name?: string; code?: unknown; message?: string };
        call.message = String(message);
        return name === 'Error' && code !== undefined ? String(code) : String(name);
      },
    );
    call.endedMs = performance.now();
  }
}
