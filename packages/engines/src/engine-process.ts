import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, fail, sleep } from '@lambent/core';
import { tiedToThisProcess } from './tied-to-this-process.ts';

export interface EngineProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** What to put before the command so that it runs elsewhere, such as in a network namespace. */
  readonly enter?: readonly string[] | undefined;
  readonly clock: Clock;
}

/** How a process ended: one of the two is null. */
export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Cold on two busy cores, with a log to replay; a start that takes longer is broken. */
const START_TIMEOUT_MS = 60_000;
/** An engine that is told to stop flushes and goes; one that does not is killed, which its log survives. */
const STOP_TIMEOUT_MS = 20_000;
/** How often a starting engine is asked: short beside what a start takes. */
const POLL_MS = 25;
/** Kept of what it prints, to explain a failure. */
const LOG_CHARACTERS_MAX = 256 * 1_024;
/** Of that, what goes into an error's message. */
const LOG_LINES_TOLD = 12;
/** Where a Go program that panics has said why, and goes on with the stacks of all it did. */
const STACKS = /\n+goroutine \d+ \[/;

/**
 * One engine, started by this process. It dies with this process, however that ends, and is in a group of its own:
 * an interrupt of the terminal reaches whoever started it, who decides what stops first. Disposing it stops it.
 */
export class EngineProcess implements AsyncDisposable {
  readonly exited: Promise<ProcessEnd>;
  readonly #program: string;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #killAtExit: () => void;
  #logs = '';
  #end: ProcessEnd | undefined;

  constructor(options: EngineProcessOptions) {
    const { program, args, cwd, enter = [], clock } = options;
    this.#program = program;
    this.#clock = clock;
    const [command, ...rest] = [...tiedToThisProcess(), ...enter, program, ...args] as [string, ...string[]];
    this.#child = spawn(command, rest, {
      cwd,
      // Settings of this process's environment are none of an engine's.
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
    this.exited = promise;
    this.#killAtExit = () => this.#signal('SIGKILL');
    process.once('exit', this.#killAtExit);
    const ended = (end: ProcessEnd) => {
      this.#end = end;
      process.removeListener('exit', this.#killAtExit);
      resolve(end);
    };
    this.#child.once('exit', (status, signal) => ended({ status, signal }));
    this.#child.once('error', error => {
      this.#keep(`${error.message}\n`);
      if (this.#child.pid === undefined) ended({ status: 127, signal: null });
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The tail of what it has printed, standard output and error as they came. */
  get logs(): string {
    return this.#logs;
  }

  /** Resolves once `condition` holds. Ends it and rejects when that takes too long, fails, or it ends by itself. */
  async ready(condition: () => Promise<boolean>): Promise<void> {
    try {
      await this.#waitUntil(condition);
    } catch (error) {
      await this.kill9();
      throw error;
    }
  }

  /** Lets it finish and waits for its end. */
  async stop(): Promise<ProcessEnd> {
    this.#signal('SIGTERM');
    // One that is paused would hear nothing.
    this.resume();
    using _ = this.#clock.setTimer(STOP_TIMEOUT_MS, this.#killAtExit);
    return await this.exited;
  }

  /** Ends it as a power cut would, as far as the process is concerned. */
  kill9(): Promise<ProcessEnd> {
    this.#signal('SIGKILL');
    return this.exited;
  }

  /** Halts it where it stands: its connections stay open and say nothing. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #waitUntil(condition: () => Promise<boolean>): Promise<void> {
    const giveUpAtMs = this.#clock.monotonicMs() + START_TIMEOUT_MS;
    while (!(await condition())) {
      if (this.#end) throw this.#failed(`it ended with ${this.#end.signal ?? this.#end.status}`);
      if (this.#clock.monotonicMs() > giveUpAtMs)
        throw this.#failed(`it did not answer within ${START_TIMEOUT_MS} ms`);
      await sleep(this.#clock, POLL_MS);
    }
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#end) this.#child.kill(signal);
  }

  #keep(text: string): void {
    this.#logs = (this.#logs + text).slice(-LOG_CHARACTERS_MAX);
  }

  #failed(what: string) {
    const [words = ''] = this.#logs.split(STACKS, 1);
    const tail = words.trimEnd().split('\n').slice(-LOG_LINES_TOLD).join('\n');
    return fail('engine-failed', { program: this.#program, detail: `${what}\n${tail}` });
  }
}
