import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type EnginePrograms,
  type EtcdOptions,
  type EtcdServer,
  findEngines,
  freePort,
  type NatsOptions,
  type NatsServer,
  startEtcd,
  startNats,
  type TlsFiles,
} from '@lambent/engines';
import { TEST_TOOLS } from './test-tools.ts';

export interface TestEngineOptions {
  readonly tls?: TlsFiles;
}

/**
 * A real engine in a process of its own, on free ports of loopback, with its data in a fresh folder that goes with
 * it. It keeps both over `restart`, however the process ended before.
 */
export class TestEngine<Server extends EtcdServer | NatsServer> implements AsyncDisposable {
  readonly #directory: string;
  readonly #start: (directory: string) => Promise<Server>;
  #server: Server;

  private constructor(directory: string, start: (directory: string) => Promise<Server>, server: Server) {
    this.#directory = directory;
    this.#start = start;
    this.#server = server;
  }

  static async open<Server extends EtcdServer | NatsServer>(
    start: (directory: string) => Promise<Server>,
  ): Promise<TestEngine<Server>> {
    const directory = await mkdtemp(path.join(tmpdir(), 'lambent-engine-'));
    try {
      return new TestEngine(directory, start, await start(directory));
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** The process there is now: `kill9`, `pause`, `resume`, `stop`, `logs`. */
  get server(): Server {
    return this.#server;
  }

  get url(): string {
    return this.#server.url;
  }

  /** Starts it again once it has ended, or after ending it as a power cut would. */
  async restart(): Promise<void> {
    await this.#server.kill9();
    this.#server = await this.#start(this.#directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.kill9();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

export async function startTestEtcd(
  options: TestEngineOptions & Pick<EtcdOptions, 'storeBytesMax'> = {},
): Promise<TestEngine<EtcdServer>> {
  const { etcd: program } = await enginePrograms();
  const [clientPort, peerPort] = [await freePort(), await freePort()];
  return TestEngine.open(directory => startEtcd({ program, directory, clientPort, peerPort, ...options }));
}

/** A cluster of `size` that hold the same data. */
export async function startTestEtcdCluster(
  size: number,
  options: TestEngineOptions = {},
): Promise<readonly TestEngine<EtcdServer>[]> {
  const { etcd: program } = await enginePrograms();
  const cluster = await Promise.all(
    Array.from({ length: size }, async (_, index) => ({ name: `etcd-${index}`, peerPort: await freePort() })),
  );
  return Promise.all(
    cluster.map(async peer => {
      const clientPort = await freePort();
      return TestEngine.open(directory =>
        startEtcd({ program, directory, clientPort, cluster, ...peer, ...options }),
      );
    }),
  );
}

export async function startTestNats(
  options: TestEngineOptions & Pick<NatsOptions, 'jetstream' | 'maxPayloadBytes' | 'storeDirectory'> = {},
): Promise<TestEngine<NatsServer>> {
  const { natsServer: program } = await enginePrograms();
  const port = await freePort();
  return TestEngine.open(directory => startNats({ program, directory, port, ...options }));
}

/** A cluster of `size`, so that streams may have as many replicas. */
export async function startTestNatsCluster(
  size: number,
  options: TestEngineOptions = {},
): Promise<readonly TestEngine<NatsServer>[]> {
  const { natsServer: program } = await enginePrograms();
  const peers = await Promise.all(Array.from({ length: size }, async () => ({ port: await freePort() })));
  return Promise.all(
    peers.map(async (peer, index) => {
      const port = await freePort();
      const cluster = { name: 'test', port: peer.port, peers };
      return TestEngine.open(directory =>
        startNats({ program, directory, port, name: `nats-${index}`, cluster, ...options }),
      );
    }),
  );
}

async function enginePrograms(): Promise<EnginePrograms> {
  const found = await findEngines({ toolsDirectory: TEST_TOOLS.cache, env: process.env });
  if (found) return found;
  throw new Error('nats-server and etcd are not there yet: "npm test" fetches them once, into the project');
}
