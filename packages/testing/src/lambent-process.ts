import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { clientEnvironment, createTestClient } from './test-client.ts';
import { TEST_TOOLS } from './test-tools.ts';
import { waitFor } from './wait-for.ts';

/** Everything at once, a whole cluster, or one role of a cluster, which its environment names. */
export type LambentCommand = 'up' | 'cluster' | 'gateway' | 'placement' | 'worker' | 'events';

export interface StartOptions {
  /** Default: up. */
  readonly command?: LambentCommand;
  /** More arguments of the command. */
  readonly args?: readonly string[];
  /** Where it keeps its data; a fresh folder, removed at the end, when not given. */
  readonly dataDirectory?: string;
  /** Added to an otherwise small environment: the settings of whoever runs the tests are not passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** What to put before the command so that it runs elsewhere, such as in a network namespace. */
  readonly enter?: readonly string[];
}

/** How a process ended: one of the two is null. */
export interface ProcessExit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Cold on two busy cores; a start that takes longer is broken. */
const START_TIMEOUT_MS = 60_000;
/** A drain waits for the longest test function, which sleeps for a few seconds. */
const EXIT_TIMEOUT_MS = 30_000;
/** Kept of what it prints, to explain a failure. */
const LOG_CHARACTERS_MAX = 1_000_000;
/**
 * A real `lambent` in a process of its own, with real sandboxes where it has any. Disposing it stops it and removes its data
 * unless the folder was given; it dies with the process of the test in any case.
 */
export class LambentProcess implements AsyncDisposable {
  readonly dataDirectory: string;
  readonly #command: LambentCommand;
  readonly #child: ChildProcess;
  readonly #exited: Promise<ProcessExit>;
  readonly #ownsData: boolean;
  readonly #clients: LambdaClient[] = [];
  readonly #killAtExit: () => void;
  #endpoint: Endpoint | undefined;
  #logs = '';

  constructor(dataDirectory: string, ownsData: boolean, options: StartOptions) {
    this.dataDirectory = dataDirectory;
    this.#ownsData = ownsData;
    this.#command = options.command ?? 'up';
    const lambent = [process.execPath, ...commandLine(this.#command, dataDirectory, options.args)];
    const [program, ...args] = [...(options.enter ?? []), ...lambent] as [string, ...string[]];
    this.#child = spawn(program, args, {
      cwd: TEST_TOOLS.repository,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exited = new Promise(resolve => {
      this.#child.once('exit', (status, signal) => resolve({ status, signal }));
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#logs = (this.#logs + text).slice(-LOG_CHARACTERS_MAX);
      });
    }
    this.#killAtExit = () => this.#child.kill('SIGKILL');
    process.once('exit', this.#killAtExit);
  }

  /** The AWS endpoint, where it serves one. */
  get url(): string {
    const { url } = this.#started;
    if (url === undefined) throw new Error(`lambent ${this.#command} serves no AWS API`);
    return url;
  }

  get adminUrl(): string {
    return this.#started.adminUrl;
  }

  /** The process to signal: the keeper, where there is one. */
  get pid(): number {
    return this.#started.pid;
  }

  /** What it has printed, standard output and error as they came. */
  get logs(): string {
    return this.#logs;
  }

  get exited(): Promise<ProcessExit> {
    return this.#exited;
  }

  /** What an AWS client of any kind is told by its environment to reach this Lambent and nothing else. */
  get clientEnvironment(): Readonly<Record<string, string>> {
    return clientEnvironment(this.url, this.dataDirectory);
  }

  /** A client that does not try again by itself, so that a test sees every answer. */
  client(): LambdaClient {
    const client = createTestClient(() => this.url);
    this.#clients.push(client);
    return client;
  }

  /** Resolves once it serves; rejects with what it printed when it ends instead. */
  async ready(): Promise<this> {
    const file = path.join(this.dataDirectory, 'endpoint.json');
    const read = async () => JSON.parse(await readFile(file, 'utf8')) as Endpoint;
    const found = await waitFor('endpoint.json', async () => (this.#hasEnded ? 'ended' : await read()), {
      timeoutMs: START_TIMEOUT_MS,
    }).catch(cause => {
      throw new Error(`lambent ${this.#command} was not ready in time:\n${this.#logs}`, { cause });
    });
    if (found === 'ended') {
      const { status, signal } = await this.#exited;
      const how = `ended with ${signal ?? status} before it was ready`;
      throw new Error(`lambent ${this.#command} ${how}:\n${this.#logs}`);
    }
    this.#endpoint = found;
    return this;
  }

  /** Asks it to end, once more each time it is called. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Drains and ends it. */
  async stop(): Promise<ProcessExit> {
    if (!this.#hasEnded) this.#child.kill('SIGTERM');
    return this.#end();
  }

  /** Ends it as a power cut would: nothing is told, nothing is finished. */
  async kill9(): Promise<ProcessExit> {
    process.kill(this.pid, 'SIGKILL');
    return this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#ownsData) await rm(this.dataDirectory, { recursive: true, force: true, maxRetries: 3 });
  }

  get #started(): Endpoint {
    if (!this.#endpoint) throw new Error(`lambent ${this.#command} is not ready`);
    return this.#endpoint;
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #end(): Promise<ProcessExit> {
    for (const client of this.#clients.splice(0)) client.destroy();
    await waitFor(`the end of lambent ${this.#command}`, () => this.#hasEnded, {
      timeoutMs: EXIT_TIMEOUT_MS,
    }).catch(cause => {
      this.#child.kill('SIGKILL');
      throw new Error(`lambent ${this.#command} did not end:\n${this.#logs}`, { cause });
    });
    process.removeListener('exit', this.#killAtExit);
    return this.#exited;
  }
}

/** The contents of endpoint.json, which a ready `lambent` writes in one step. */
interface Endpoint {
  readonly url?: string;
  readonly adminUrl: string;
  readonly pid: number;
}

/** Starts a `lambent` and waits until it serves. */
export async function startLambent(options: StartOptions = {}): Promise<LambentProcess> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(path.join(tmpdir(), 'lambent-test-')));
  // A file of an earlier run would speak of a process that is gone.
  await rm(path.join(dataDirectory, 'endpoint.json'), { force: true });
  const lambent = new LambentProcess(dataDirectory, options.dataDirectory === undefined, options);
  try {
    return await lambent.ready();
  } catch (error) {
    await lambent[Symbol.asyncDispose]();
    throw error;
  }
}

/** Any free ports, so that many can run at once. */
const PORTS: Readonly<Record<LambentCommand, readonly string[]>> = {
  up: ['--port', '0', '--grpc-port', '0', '--admin-port', '0'],
  cluster: ['--port', '0'],
  gateway: ['--port', '0', '--grpc-port', '0', '--admin-port', '0'],
  placement: ['--admin-port', '0'],
  worker: ['--admin-port', '0'],
  events: ['--admin-port', '0'],
};
/** Where functions run they run on machines that cannot confine, too. */
const RUNNING_FUNCTIONS: ReadonlySet<LambentCommand> = new Set(['up', 'cluster', 'worker']);

function commandLine(command: LambentCommand, dataDirectory: string, args: readonly string[] = []): string[] {
  const dev = RUNNING_FUNCTIONS.has(command) ? ['--dev'] : [];
  return ['cli/src/main.ts', command, ...dev, '--data', dataDirectory, ...PORTS[command], ...args];
}
