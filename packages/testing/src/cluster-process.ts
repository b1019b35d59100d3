import { readFile } from 'node:fs/promises';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { type ClusterRecord, type PartRecord, readClusterRecord } from './cluster-record.ts';
import { Footprint } from './footprint.ts';
import { type LambentProcess, type ProcessExit, startLambent } from './lambent-process.ts';
import { clientEnvironment, createTestClient } from './test-client.ts';
import { waitFor } from './wait-for.ts';

export interface ClusterProcessOptions {
  /** Each as many as `lambent cluster` has by itself, when left out. */
  readonly replicas?: 1 | 3;
  readonly gateways?: number;
  readonly placements?: number;
  readonly workers?: number;
  readonly events?: number;
  /** More arguments of the command. */
  readonly args?: readonly string[];
  /** Where it keeps its data; a fresh folder, removed at the end, when not given. */
  readonly dataDirectory?: string;
  /** Settings of every member. */
  readonly env?: Readonly<Record<string, string>>;
  readonly enter?: readonly string[];
}

/** A part that was killed is back after a second, and ready after a cold start on two busy cores. */
const BACK_TIMEOUT_MS = 60_000;

/**
 * A real cluster on this machine, kept by `lambent cluster`: etcd, NATS and every member are processes of their own.
 * What is asked of it goes to its gateways in turn.
 */
export class ClusterProcess implements AsyncDisposable {
  readonly dataDirectory: string;
  readonly #process: LambentProcess | undefined;
  readonly #gateways: readonly PartRecord[];
  readonly #clients: LambdaClient[] = [];
  readonly #supervisorPid: number;
  #turn = 0;

  private constructor(dataDirectory: string, record: ClusterRecord, process: LambentProcess | undefined) {
    this.dataDirectory = dataDirectory;
    this.#process = process;
    this.#gateways = record.members.filter(({ role }) => role === 'gateway');
    this.#supervisorPid = record.supervisorPid;
  }

  /** The one that somebody else has started on that data, and ends. */
  static async attach(dataDirectory: string): Promise<ClusterProcess> {
    return new ClusterProcess(dataDirectory, await readClusterRecord(dataDirectory), undefined);
  }

  static async of(process: LambentProcess): Promise<ClusterProcess> {
    const { dataDirectory } = process;
    return new ClusterProcess(dataDirectory, await readClusterRecord(dataDirectory), process);
  }

  /** The supervisor. */
  get pid(): number {
    return this.#supervisorPid;
  }

  /** The AWS endpoint of a gateway, each time the next one's. */
  get url(): string {
    this.#turn += 1;
    return this.urls[this.#turn % this.urls.length] ?? '';
  }

  /** Of all gateways. */
  get urls(): readonly string[] {
    return this.#gateways.map(({ api }) => api ?? '');
  }

  /** Of the first gateway. */
  get adminUrl(): string {
    return this.#gateways[0]?.admin ?? '';
  }

  /** What all its processes have printed. */
  get logs(): string {
    return this.#process?.logs ?? '';
  }

  get clientEnvironment(): Readonly<Record<string, string>> {
    return clientEnvironment(this.url, this.dataDirectory);
  }

  /** A client of one gateway, counted from 0, or, without a number, of all in turn. It does not try again by itself. */
  client(gateway?: number): LambdaClient {
    const client = createTestClient(() => (gateway === undefined ? this.url : (this.urls[gateway] ?? '')));
    this.#clients.push(client);
    return client;
  }

  /** The parts and their processes as they are now. */
  record(): Promise<ClusterRecord> {
    return readClusterRecord(this.dataDirectory);
  }

  /** By its id: `etcd-1`, `worker-2`. */
  async part(id: string): Promise<PartRecord> {
    const { engines, members } = await this.record();
    const found = [...engines, ...members].find(part => part.id === id);
    if (!found) throw new Error(`the cluster has no ${id}`);
    return found;
  }

  /** The process that a worker's keeper keeps. */
  async keptPid(id: string): Promise<number> {
    return waitFor(`what the keeper of ${id} keeps`, async () => {
      const { pid } = await this.part(id);
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
      return Number(children.trim().split(' ')[0]);
    });
  }

  /** Ends a part as a power cut would. It is back by itself: `back` waits for that. */
  async kill9(id: string): Promise<void> {
    const { pid } = await waitFor(`${id} to serve`, async () => {
      const part = await this.part(id);
      return part.pid !== undefined && part;
    });
    process.kill(pid ?? 0, 'SIGKILL');
    await waitFor(`the end of ${id}`, async () => (await this.part(id)).pid !== pid);
  }

  /** Resolves once it serves, with its process. */
  back(id: string): Promise<number> {
    return waitFor(`${id} to serve`, async () => (await this.part(id)).pid, { timeoutMs: BACK_TIMEOUT_MS });
  }

  /** All of its processes and what these have made. */
  footprint(): Promise<Footprint> {
    return Footprint.of(this.pid, this.dataDirectory);
  }

  /** Drains and ends it; nothing where somebody else has started it. */
  async stop(): Promise<ProcessExit | undefined> {
    for (const client of this.#clients.splice(0)) client.destroy();
    return await this.#process?.stop();
  }

  /** Ends its supervisor as a power cut would. */
  async killSupervisor(): Promise<void> {
    await this.#process?.kill9();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#process?.[Symbol.asyncDispose]();
  }
}

/** Starts a cluster and resolves when all of it serves. */
export async function startCluster(options: ClusterProcessOptions = {}): Promise<ClusterProcess> {
  const { dataDirectory, env, enter, args = [], ...counts } = options;
  const counted = Object.entries(counts).flatMap(([name, count]) => [`--${name}`, String(count)]);
  const process = await startLambent({
    command: 'cluster',
    args: [...counted, ...args],
    ...(dataDirectory !== undefined && { dataDirectory }),
    ...(env && { env }),
    ...(enter && { enter }),
  });
  return ClusterProcess.of(process);
}
