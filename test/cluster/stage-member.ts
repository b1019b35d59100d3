import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Footprint, TEST_TOOLS, waitFor } from '@lambent/testing';
import type { PrivateHost } from './private-network.ts';

export type MemberRole = 'gateway' | 'placement' | 'worker' | 'events';

export interface StageMemberOptions {
  readonly role: MemberRole;
  readonly host: PrivateHost;
  readonly env: Readonly<Record<string, string>>;
}

/** What a supervisor waits before it starts one again. */
const RESTART_MS = 1_000;
const READY_MS = 60_000;
/** A drain waits for the longest function, and leaves the cluster. */
const STOP_MS = 20_000;
/** Kept of what it prints, over all its lives, to explain a failure. */
const LOG_CHARACTERS_MAX = 400_000;
const ADMIN_PORTS: Readonly<Record<MemberRole, number>> = {
  gateway: 9_091,
  placement: 9_092,
  worker: 9_093,
  events: 9_094,
};

/** A member of a cluster on a host of its own, started again whenever it ends, until it is stopped. */
export class StageMember implements AsyncDisposable {
  readonly role: MemberRole;
  readonly host: PrivateHost;
  readonly dataDirectory: string;
  readonly #env: Readonly<Record<string, string>>;
  #stopping = new AbortController();
  #supervised: Promise<void>;
  #child: ChildProcess | undefined;
  #logs = '';

  private constructor({ role, host, env }: StageMemberOptions, dataDirectory: string) {
    this.role = role;
    this.host = host;
    this.dataDirectory = dataDirectory;
    this.#env = env;
    this.#supervised = this.#supervise();
  }

  /** It is ready some time later. */
  static async start(options: StageMemberOptions): Promise<StageMember> {
    return new StageMember(
      options,
      await mkdtemp(path.join(tmpdir(), `lambent-stage-${options.host.name}-`)),
    );
  }

  get name(): string {
    return this.host.name;
  }

  /** The process to signal: the keeper, where there is one. */
  get pid(): number {
    const { pid } = this.#child ?? {};
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  get logs(): string {
    return this.#logs;
  }

  async ready(): Promise<void> {
    const url = `http://${this.host.address}:${ADMIN_PORTS[this.role]}/readyz`;
    const answers = async () => (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
    await waitFor(`${this.name} to be ready`, answers, { timeoutMs: READY_MS });
  }

  /** The process that does the work, where another one keeps it. */
  async keptPid(): Promise<number> {
    const children = await readFile(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    const [kept] = children.trim().split(' ');
    if (!kept) throw new Error(`${this.name} keeps nothing now`);
    return Number(kept);
  }

  /** Everything it occupies now. */
  footprint(): Promise<Footprint> {
    return Footprint.of(this.pid, this.dataDirectory);
  }

  /** Kills it, with its keeper, and nobody starts it again until `revive`. */
  async fell(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill('SIGKILL');
    await this.#supervised;
  }

  revive(): void {
    this.#stopping = new AbortController();
    this.#supervised = this.#supervise();
  }

  /** Drains it, for good. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
    const late = AbortSignal.timeout(STOP_MS);
    late.addEventListener('abort', () => this.#child?.kill('SIGKILL'));
    await this.#supervised;
    if (late.aborted) throw new Error(`${this.name} did not end:\n${this.#logs}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      await rm(this.dataDirectory, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#live();
      await wait(RESTART_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #live(): Promise<void> {
    const lambent = [process.execPath, 'cli/src/main.ts', this.role, '--data', this.dataDirectory];
    // Whatever ends the test ends it, too.
    const tied = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;
    const [command, ...args] = [...tied, ...this.host.enter, ...lambent] as [string, ...string[]];
    const child = spawn(command, args, {
      cwd: TEST_TOOLS.repository,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#logs = (this.#logs + text).slice(-LOG_CHARACTERS_MAX);
      });
    }
    await new Promise<void>(resolve => {
      child.once('exit', (status, signal) => {
        this.#logs += `--- ${this.name} ended with ${signal ?? status}\n`;
        resolve();
      });
    });
    this.#child = undefined;
  }
}
