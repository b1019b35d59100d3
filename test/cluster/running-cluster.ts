import {
  type LambentCommand,
  type LambentProcess,
  type StartOptions,
  startLambent,
  startTestEtcd,
  startTestNats,
} from '@lambent/testing';
import { ClusterCertificates } from './cluster-certificates.ts';

export type Role = Exclude<LambentCommand, 'up' | 'cluster'>;

export interface ClusterPlan {
  /** Default: one of each, which is what it takes to run anything. */
  readonly roles?: readonly Role[];
  /** Whether everybody shows a certificate to everybody. Default: nobody does. */
  readonly tls?: boolean;
  /** Settings of every member. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What NATS has besides what the tests of adapters have. */
  readonly nats?: Parameters<typeof startTestNats>[0];
  readonly etcd?: Parameters<typeof startTestEtcd>[0];
}

interface Servers {
  readonly etcd: Awaited<ReturnType<typeof startTestEtcd>>;
  readonly nats: Awaited<ReturnType<typeof startTestNats>>;
  readonly certificates: ClusterCertificates | undefined;
}

const WHOLE: readonly Role[] = ['placement', 'worker', 'gateway', 'events'];

/** A real cluster on this machine: etcd, NATS, and each member a process of its own. */
export class RunningCluster implements AsyncDisposable {
  readonly servers: Servers;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #stack = new AsyncDisposableStack();
  readonly #members: { readonly role: Role; readonly process: LambentProcess }[] = [];

  private constructor(
    stack: AsyncDisposableStack,
    servers: Servers,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#stack.use(stack);
    this.servers = servers;
    this.#settings = settings;
  }

  /** Ready once every member serves. */
  static async start(plan: ClusterPlan = {}): Promise<RunningCluster> {
    const { roles = WHOLE, tls = false, settings = {} } = plan;
    await using stack = new AsyncDisposableStack();
    const certificates = tls ? stack.use(await ClusterCertificates.make()) : undefined;
    const tlsOf = async (engine: 'etcd' | 'nats') =>
      certificates ? { tls: await certificates.filesOf(engine) } : {};
    const etcd = stack.use(await startTestEtcd({ ...plan.etcd, ...(await tlsOf('etcd')) }));
    const nats = stack.use(await startTestNats({ ...plan.nats, ...(await tlsOf('nats')) }));
    const cluster = new RunningCluster(stack.move(), { etcd, nats, certificates }, settings);
    try {
      await Promise.all(roles.map(role => cluster.add(role)));
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What a member of this cluster has to be told. */
  async environmentOf(role: Role): Promise<Record<string, string>> {
    const { etcd, nats, certificates } = this.servers;
    return {
      LAMBENT_ETCD: etcd.url,
      LAMBENT_NATS: nats.url,
      LAMBENT_NATS_MONITOR: nats.server.monitorUrl,
      LAMBENT_READINESS_LINGER_MS: '0',
      ...(certificates && { LAMBENT_TLS: await certificates.directoryOf(role) }),
      ...this.#settings,
    };
  }

  async add(
    role: Role,
    env: Readonly<Record<string, string>> = {},
    options: Pick<StartOptions, 'dataDirectory'> = {},
  ): Promise<LambentProcess> {
    const process = await startLambent({
      ...options,
      command: role,
      env: { ...(await this.environmentOf(role)), ...env },
    });
    this.#stack.use(process);
    this.#members.push({ role, process });
    return process;
  }

  /** The first of its role that was started. */
  the(role: Role): LambentProcess {
    const found = this.#members.find(member => member.role === role);
    if (!found) throw new Error(`the cluster has no ${role}`);
    return found.process;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
