import type { EtcdServer, NatsServer } from '@lambent/engines';
import { ClusterCertificates } from './cluster-certificates.ts';
import { type PrivateHost, PrivateNetwork } from './private-network.ts';
import { RunCounter } from './run-counter.ts';
import { type StageEngine, startEtcds, startNatsServers } from './stage-engines.ts';
import { type MemberRole, StageMember } from './stage-member.ts';

export interface StagePlan {
  /** How many etcd, and how many NATS. Default: one of each. */
  readonly engines?: 1 | 3;
  /** Of each role. Default: three workers and two of the others. */
  readonly members?: Partial<Readonly<Record<MemberRole, number>>>;
  /** Settings of every member, besides and over the stage's own. */
  readonly settings?: Readonly<Record<string, string>>;
}

const MEMBERS: Readonly<Record<MemberRole, number>> = { placement: 2, worker: 3, events: 2, gateway: 2 };
const LINK_PORT = 9_100;

/** As operators would set them, but for times: a fault, and what follows from it, has to fit into a test. */
const SETTINGS = {
  // So few that some seconds of load that was held up reach them, and so spread that any two workers can do without
  // the third.
  LAMBENT_ACCOUNT_CONCURRENCY: '24',
  LAMBENT_WORKER_SLOTS: '10',
  LAMBENT_GRANTS_TERM_MS: '15000',
  LAMBENT_EVENTS_FIRST_RETRY_MS: '1000',
  LAMBENT_EVENTS_SECOND_RETRY_MS: '2000',
  LAMBENT_READINESS_LINGER_MS: '0',
  // The AWS API is served in the open; members show certificates to each other all the same.
  LAMBENT_INSECURE_LISTEN: 'true',
};

interface Foundation {
  readonly network: PrivateNetwork;
  readonly counter: RunCounter;
  readonly certificates: ClusterCertificates;
  readonly etcd: readonly StageEngine<EtcdServer>[];
  readonly nats: readonly StageEngine<NatsServer>[];
}

/**
 * A cluster whose every process is on a host of its own, with certificates all around and a supervisor behind each
 * member. Disposing it drains and removes everything.
 */
export class ClusterStage implements AsyncDisposable {
  readonly foundation: Foundation;
  readonly members: readonly StageMember[];
  /** How many invocations may be in flight. */
  readonly slots: number;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    foundation: Foundation,
    members: readonly StageMember[],
    options: { readonly slots: number; readonly stack: AsyncDisposableStack },
  ) {
    this.foundation = foundation;
    this.members = members;
    this.slots = options.slots;
    this.#stack = options.stack;
  }

  /** Ready once every member is. */
  static async open(plan: StagePlan = {}): Promise<ClusterStage> {
    await using stack = new AsyncDisposableStack();
    const network = stack.use(await PrivateNetwork.open());
    const counter = stack.use(await RunCounter.open(network.outsideAddress));
    const certificates = stack.use(await ClusterCertificates.make());
    const place = { network, certificates, count: plan.engines ?? 1 };
    const etcd = await startEtcds(place);
    for (const each of etcd) stack.use(each);
    const nats = await startNatsServers(place);
    for (const each of nats) stack.use(each);
    const foundation = { network, counter, certificates, etcd, nats };
    const settings = { ...SETTINGS, ...settingsOf(foundation), ...plan.settings };
    const members = await startMembers(foundation, settings, { ...MEMBERS, ...plan.members }, stack);
    const slots = Number(settings.LAMBENT_ACCOUNT_CONCURRENCY);
    const stage = new ClusterStage(foundation, members, { slots, stack: stack.move() });
    try {
      await stage.ready();
      return stage;
    } catch (error) {
      const logs = stage.logs();
      await stage[Symbol.asyncDispose]();
      throw new Error(logs, { cause: error });
    }
  }

  get counter(): RunCounter {
    return this.foundation.counter;
  }

  get gateways(): readonly PrivateHost[] {
    return this.members.filter(({ role }) => role === 'gateway').map(({ host }) => host);
  }

  member(name: string): StageMember {
    const found = this.members.find(member => member.name === name);
    if (!found) throw new Error(`nobody on the stage is ${name}`);
    return found;
  }

  /** Who has that address. */
  nameAt(address: string): string {
    const short = address.replace('::ffff:', '');
    return this.members.find(({ host }) => host.address === short)?.name ?? short;
  }

  /** The worker where most runs now: there a fault is felt. */
  get busiestWorker(): StageMember {
    const workers = this.members.filter(({ role }) => role === 'worker');
    const inFlight = ({ host }: StageMember) => this.counter.inFlightAt(host.address);
    const [busiest] = workers.toSorted((one, other) => inFlight(other) - inFlight(one));
    if (!busiest) throw new Error('no worker is on the stage');
    return busiest;
  }

  /** The host of that name, whoever runs there. */
  host(name: string): PrivateHost {
    const { etcd, nats } = this.foundation;
    const found = [...this.members, ...etcd, ...nats].find(({ host }) => host.name === name);
    if (!found) throw new Error(`nobody on the stage is ${name}`);
    return found.host;
  }

  async ready(): Promise<void> {
    await Promise.all(this.members.map(member => member.ready()));
  }

  /** What they have printed, to explain a failure: the last lines of each. */
  logs(linesMax = LOG_LINES_MAX): string {
    const tail = ({ name, logs }: StageMember) =>
      `=== ${name}\n${logs.trimEnd().split('\n').slice(-linesMax).join('\n')}`;
    return this.members.map(tail).join('\n');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

const LOG_LINES_MAX = 40;

function settingsOf({ etcd, nats }: Foundation) {
  const list = (engines: readonly { readonly address: string }[]) =>
    engines.map(({ address }) => address).join(',');
  return {
    LAMBENT_ETCD: list(etcd),
    LAMBENT_NATS: list(nats),
    LAMBENT_NATS_REPLICAS: String(nats.length),
  };
}

async function startMembers(
  foundation: Foundation,
  settings: Readonly<Record<string, string>>,
  counts: Readonly<Record<MemberRole, number>>,
  stack: AsyncDisposableStack,
): Promise<StageMember[]> {
  // They leave together: one after the other would take the sum of their drains.
  const members: StageMember[] = [];
  stack.defer(async () => {
    const ends = await Promise.allSettled(members.map(member => member[Symbol.asyncDispose]()));
    const errors = ends.flatMap(end => (end.status === 'rejected' ? [end.reason] : []));
    if (errors.length > 0) throw new AggregateError(errors, 'not every member ended');
  });
  const roles = Object.entries(counts) as [MemberRole, number][];
  for (const [role, count] of roles) {
    for (let number = 1; number <= count; number += 1) {
      const host = await foundation.network.addHost(`${role}-${number}`);
      const own = await settingsOfMember(foundation, role, host);
      members.push(await StageMember.start({ role, host, env: { ...settings, ...own } }));
    }
  }
  return members;
}

async function settingsOfMember({ certificates }: Foundation, role: MemberRole, host: PrivateHost) {
  const { name, address } = host;
  return {
    LAMBENT_MEMBER_ID: name,
    LAMBENT_TLS: await certificates.directoryOf(role, [address]),
    LAMBENT_LISTEN: `${address}:${LINK_PORT}`,
    [`LAMBENT_${role.toUpperCase()}_ADMIN_HOST`]: address,
    ...(role === 'gateway' && { LAMBENT_GATEWAY_HOST: address, LAMBENT_GATEWAY_GRPC_HOST: address }),
  };
}
