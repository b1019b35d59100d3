import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { HOST_ENVIRONMENT } from './host-command.ts';
import { READY_FD } from './start-script.ts';

export interface Launch {
  readonly command: readonly [string, ...string[]];
  /** Becomes the program, once the command has come to read its standard input. */
  readonly script: string;
  /** Whether the program gets a Node child channel. */
  readonly nodeChannel: boolean;
  /** A process group of its own. */
  readonly detached?: boolean;
  readonly directory?: string;
  /** File descriptors of the command from FIRST_EXTRA_FD on; they must not reach the program. */
  readonly extra?: readonly ('ignore' | 'pipe' | number)[];
}

/** The pipes that no program gets: the script and the sign of being ready. */
const OWN_FDS = [0, READY_FD];

export const FIRST_EXTRA_FD = READY_FD + 1;

/** A child process on its way to become a program. */
export class LaunchedProcess {
  readonly child: ChildProcess;
  /** Resolves when everything inside is in place, and the program waits for `go`; rejects when the child ends before. */
  readonly ready: Promise<void>;
  /** Rejects when the child has ended, or could not be started. */
  readonly ended: Promise<never>;
  readonly #pipes: readonly unknown[];

  constructor({ command, script, nodeChannel, detached = false, directory, extra = [] }: Launch) {
    const [file, ...args] = command;
    this.child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe', nodeChannel ? 'ipc' : 'ignore', 'pipe', 'pipe', ...extra],
      env: HOST_ENVIRONMENT,
      detached,
      ...(directory !== undefined && { cwd: directory }),
    });
    this.#pipes = [...this.child.stdio];
    // When a child exits, Node.js goes through this list and throws away what nobody has read yet.
    (this.child.stdio as unknown[]).length = 0;
    this.ended = this.#watchEnd();
    this.ready = Promise.race([this.ended, this.#watchReady()]);
    for (const promise of [this.ended, this.ready]) promise.catch(() => {});
    // A child that ends before it has read its script says why by its own means.
    this.pipe(0)
      .on('error', () => {})
      .end(script);
  }

  /** Whether the child is still to be waited for. */
  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Lets the program run. */
  go(): void {
    this.pipe(READY_FD).end('\n');
  }

  /** Our end of one of the child's pipes. What was written to it stays until it is read or destroyed. */
  pipe(fd: number): Duplex {
    const stream = this.#pipes[fd];
    if (!(stream instanceof Duplex)) throw new TypeError(`the child has no pipe ${fd}`);
    return stream;
  }

  async #watchEnd(): Promise<never> {
    const { promise, reject } = Promise.withResolvers<never>();
    // Also later ones, of a signal that could not be sent, must not be left without a listener.
    this.child.on('error', reject);
    this.child.once('exit', (status, signal) =>
      reject(new Error(`it ended with ${signal ?? `status ${status}`}`)),
    );
    try {
      return await promise;
    } finally {
      for (const fd of OWN_FDS) this.pipe(fd).destroy();
    }
  }

  async #watchReady(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stream = this.pipe(READY_FD);
    stream.on('error', () => {}).once('data', () => resolve());
    await promise;
  }
}
