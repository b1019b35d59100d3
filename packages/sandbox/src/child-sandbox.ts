import type { Server } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { fail } from '@lambent/core';
import type { Cgroup } from './cgroup.ts';
import { DoorwayChannel } from './doorway-channel.ts';
import type { Doorways } from './doorways.ts';
import type { LaunchedProcess } from './launched-process.ts';
import type { DoorwayName, Equipment, Sandbox, SandboxExit } from './sandbox.ts';
import { PROGRAM_FDS } from './start-script.ts';

export interface ChildSandboxParts {
  readonly id: string;
  /** The child and its pipes. */
  readonly run: LaunchedProcess;
  readonly doorways: Doorways;
  readonly cgroup: Cgroup | undefined;
  /** Of a sandbox started ahead: puts everything where the program looks for it. */
  equip?(equipment: Equipment): Promise<Readonly<Record<string, string>>>;
  /** Kills what it can reach of the tree at once. */
  kill(): void;
  /** What the child's own end says about the program's. */
  readExit(status: number | null, signal: NodeJS.Signals | null): Omit<SandboxExit, 'outOfMemory'>;
  /** Resolves when no process is left; called once, after the child has ended. */
  treeGone(): Promise<void>;
  /** Gives back everything else; called once, after the tree is gone. */
  release(): Promise<void>;
}

/**
 * A sandbox whose outermost process is a child of this one.
 *
 * - running: from the start until the child ends, by itself or killed.
 * - ending: the child has ended; what it left is killed and waited for. Then `exited` resolves.
 * - gone: `dispose` has given back cgroup, network and files.
 */
export class ChildSandbox implements Sandbox {
  readonly id: string;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly channel: Duplex;
  readonly exited: Promise<SandboxExit>;
  /** Resolves when everything has been given back. */
  readonly disposed: Promise<void>;
  readonly #parts: ChildSandboxParts;
  readonly #settleDisposed: (outcome: Promise<void>) => void;
  readonly #doorwayChannel: DoorwayChannel | undefined;
  #equipped = false;
  #disposing: Promise<void> | undefined;

  constructor(parts: ChildSandboxParts) {
    const { run, doorways } = parts;
    this.id = parts.id;
    this.#parts = parts;
    this.stdout = run.pipe(1);
    this.stderr = run.pipe(2);
    this.channel = run.pipe(PROGRAM_FDS.channel);
    // A program that ends may reset its pipes; the caller learns of the end from `exited`.
    for (const pipe of [this.stdout, this.stderr, this.channel]) pipe.on('error', () => {});
    if (run.child.connected)
      this.#doorwayChannel = new DoorwayChannel(run.child, (name, server) => doorways.open(name, server));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.disposed = promise;
    this.#settleDisposed = resolve;
    this.exited = this.#watch();
    // Whoever does not wait for the end must not be ended by it.
    for (const outcome of [this.exited, this.disposed]) outcome.catch(() => {});
  }

  doorway(name: DoorwayName): Promise<Server> {
    return this.#parts.doorways.get(name);
  }

  closeDoorways(): void {
    this.#doorwayChannel?.close();
  }

  async equip(equipment: Equipment): Promise<Readonly<Record<string, string>>> {
    const { equip } = this.#parts;
    if (!equip || this.#equipped) throw new TypeError('only what was started ahead is equipped, and once');
    this.#equipped = true;
    try {
      return await equip(equipment);
    } catch (cause) {
      throw fail('environment-failed', { detail: (cause as Error).message }, { cause });
    }
  }

  setCpu(milliCores: number): void {
    this.#parts.cgroup?.setCpu(milliCores);
  }

  freeze(): void {
    this.#parts.cgroup?.freeze();
  }

  thaw(): void {
    this.#parts.cgroup?.thaw();
  }

  peakMemoryBytes(): number {
    return this.#parts.cgroup?.peakMemoryBytes() ?? 0;
  }

  kill(): void {
    // The kernel ends a namespace by its first process, which may else wait for its turn among thousands.
    this.#parts.cgroup?.makeWay();
    this.#parts.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#disposing) {
      this.#disposing = this.#dispose();
      this.#settleDisposed(this.#disposing);
    }
    return this.#disposing;
  }

  async #watch(): Promise<SandboxExit> {
    const { run, cgroup, doorways } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<Omit<SandboxExit, 'outOfMemory'>>();
    // Nothing was started; a program that is not found ends so in a shell.
    if (run.child.pid === undefined) resolve({ status: 127 });
    // It may have ended while its start was still being finished; then the event has been.
    else if (!run.running) resolve(this.#parts.readExit(run.child.exitCode, run.child.signalCode));
    run.child.once('exit', (status, signal) => resolve(this.#parts.readExit(status, signal)));
    const exit = await promise;
    doorways.end();
    await this.#parts.treeGone();
    return { ...exit, outOfMemory: (await cgroup?.outOfMemory()) ?? false };
  }

  async #dispose(): Promise<void> {
    const { doorways } = this.#parts;
    this.kill();
    try {
      await this.exited;
    } finally {
      this.closeDoorways();
      doorways[Symbol.dispose]();
      this.channel.destroy();
      // What was printed last still reaches a reader; where there is none it would keep the pipes open for ever.
      for (const stream of [this.stdout, this.stderr]) if (!isRead(stream)) stream.destroy();
      await this.#parts.release();
    }
  }
}

function isRead(stream: Readable): boolean {
  return stream.listenerCount('data') > 0 || stream.listenerCount('readable') > 0;
}
