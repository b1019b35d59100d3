import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { TEST_TOOLS, waitFor } from '@lambent/testing';
import type { ClusterStage } from './cluster-stage.ts';

export interface RacePlan {
  readonly functionName: string;
  /** Each on a host of its own. */
  readonly processes: number;
  /** Of each process. */
  readonly routers: number;
  /** How many calls each router has out. */
  readonly calls: number;
  /** How long each call takes. */
  readonly holdMs: number;
}

/** What one process is told. */
export interface Race extends RacePlan {
  /** Begins the names of its routers and the keys of its calls. */
  readonly name: string;
  /** Where etcd is, as URLs. */
  readonly etcd: readonly string[];
  /** A folder with certificates. */
  readonly tls: string;
}

/** How many calls ended how: `ok`, or why not. */
export type Ends = Readonly<Record<string, number>>;

/** Processes of routers that race for one function until they are stopped. */
export class RouterRaces implements AsyncDisposable {
  readonly #races: RaceProcess[] = [];

  /** Resolves when all race. */
  static async start(stage: ClusterStage, plan: RacePlan): Promise<RouterRaces> {
    await using stack = new AsyncDisposableStack();
    const races = stack.use(new RouterRaces());
    for (let number = 1; number <= plan.processes; number += 1)
      races.#races.push(await RaceProcess.start(stage, { ...plan, name: `${plan.functionName}-${number}` }));
    await Promise.all(races.#races.map(race => race.ready()));
    stack.move();
    return races;
  }

  /** Resolves when every call was answered. */
  async stop(): Promise<Ends> {
    const ends: Record<string, number> = {};
    for (const each of await Promise.all(this.#races.map(race => race.stop())))
      for (const [end, count] of Object.entries(each)) ends[end] = (ends[end] ?? 0) + count;
    return ends;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#races.map(race => race[Symbol.asyncDispose]()));
  }
}

class RaceProcess implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #printed = '';

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    this.#closed = once(child, 'close');
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#printed += text));
  }

  static async start(stage: ClusterStage, plan: RacePlan & { readonly name: string }): Promise<RaceProcess> {
    const { network, certificates, etcd } = stage.foundation;
    const host = await network.addHost(plan.name);
    const race: Race = {
      ...plan,
      etcd: etcd.map(({ address }) => `https://${address}`),
      tls: await certificates.directoryOf('gateway', [host.address]),
    };
    const program = [process.execPath, 'test/cluster/racing-routers.ts', JSON.stringify(race)];
    const tied = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;
    const [command, ...args] = [...tied, ...host.enter, ...program] as [string, ...string[]];
    const cwd = TEST_TOOLS.repository;
    return new RaceProcess(plan.name, spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] }));
  }

  async ready(): Promise<void> {
    const isReady = () => this.#printed.startsWith('ready\n');
    await waitFor(`${this.#name} to race`, isReady, { timeoutMs: START_MS });
  }

  async stop(): Promise<Ends> {
    this.#child.kill('SIGTERM');
    await this.#closed;
    return JSON.parse(this.#printed.split('\n')[1] ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}

const START_MS = 60_000;
