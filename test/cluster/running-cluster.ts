import {
  type LambentCommand,
  type LambentProcess,
  startLambent,
  startTestEtcd,
  startTestNats,
} from '@lambent/testing';

export type Role = Exclude<LambentCommand, 'up'>;

/** What a cluster needs to run anything. */
const WHOLE: readonly Role[] = ['placement', 'worker', 'gateway', 'events'];

/** A real cluster on this machine: etcd, NATS, and each member a process of its own. */
export class RunningCluster implements AsyncDisposable {
  readonly etcd: Awaited<ReturnType<typeof startTestEtcd>>;
  readonly nats: Awaited<ReturnType<typeof startTestNats>>;
  readonly #stack = new AsyncDisposableStack();
  readonly #members: { readonly role: Role; readonly process: LambentProcess }[] = [];

  private constructor(stack: AsyncDisposableStack, engines: Pick<RunningCluster, 'etcd' | 'nats'>) {
    this.etcd = engines.etcd;
    this.nats = engines.nats;
    this.#stack.use(stack);
  }

  /** Ready once every member serves. */
  static async start(roles: readonly Role[] = WHOLE): Promise<RunningCluster> {
    await using stack = new AsyncDisposableStack();
    const etcd = stack.use(await startTestEtcd());
    const nats = stack.use(await startTestNats());
    const cluster = new RunningCluster(stack.move(), { etcd, nats });
    try {
      await Promise.all(roles.map(role => cluster.add(role)));
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What a member of this cluster has to be told. */
  get environment(): Readonly<Record<string, string>> {
    return {
      LAMBENT_ETCD: this.etcd.url,
      LAMBENT_NATS: this.nats.url,
      LAMBENT_NATS_MONITOR: this.nats.server.monitorUrl,
      LAMBENT_READINESS_LINGER_MS: '0',
    };
  }

  async add(role: Role, env: Readonly<Record<string, string>> = {}): Promise<LambentProcess> {
    const process = await startLambent({ command: role, env: { ...this.environment, ...env } });
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
