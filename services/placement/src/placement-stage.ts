import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type EnlistRequest,
  EnlistRequestSchema,
  type EnlistResponse,
  EnvironmentKeySchema,
  EnvironmentSpecSchema,
  type LimitHoldingSchema,
  NeedRequestSchema,
  type NeedResponse,
  type WorkerReport,
} from '@lambent/contracts';
import { QUOTAS, SeededRandom, SimulatedClock } from '@lambent/core';
import { createLogger, nullTelemetry } from '@lambent/daemon';
import { EmbeddedNetwork, type Link, SimulatedWire, type Stream } from '@lambent/link';
import {
  changeDivision,
  decodeLimit,
  encodeRecord,
  fleetKey,
  grantKey,
  type LimitRecord,
  limitKey,
  type MemberRecord,
  memberKey,
  POOL_LIMIT_ID,
} from '@lambent/membership';
import { type Registry, SimulatedRegistry, SimulatedRegistryServer } from '@lambent/registry';
import { Placement } from './placement.ts';

export const KEY = create(EnvironmentKeySchema, {
  functionId: 'f',
  version: '1',
  revision: 1n,
  tenantId: '',
});
const SPEC = create(EnvironmentSpecSchema, { key: KEY, runtime: 'nodejs24.x', memoryMb: 128 });

type Report = Partial<Omit<WorkerReport, '$typeName' | '$unknown' | 'limits'>> & {
  readonly limits?: MessageInitShape<typeof LimitHoldingSchema>[];
};

/** Replicas of placement between workers and routers that do what a test says, on simulated time. */
export class PlacementStage implements AsyncDisposable {
  readonly clock = new SimulatedClock();
  readonly #random = new SeededRandom(1);
  readonly wire = new SimulatedWire({
    clock: this.clock,
    random: this.#random,
    delayMs: { least: 0, most: 0 },
  });
  readonly #network = new EmbeddedNetwork({ wire: this.wire });
  readonly #registryServer = new SimulatedRegistryServer({ clock: this.clock, random: this.#random });
  readonly registry: Registry = this.#registryOf('test');
  readonly #workers: ScriptedWorker[] = [];
  readonly #placements = new Map<string, Placement>();

  /** A replica, seen among the members. */
  async place(
    id = 'placement',
    options: { readonly slots?: number; readonly scalingPer10s?: number } = {},
  ): Promise<void> {
    const opening = Placement.open({
      id,
      address: id,
      link: this.#network.member(id),
      registry: this.#registryOf(id),
      config: {
        accountConcurrency: options.slots ?? 1_000,
        scalingPer10s: options.scalingPer10s ?? QUOTAS.scalingPer10s,
      },
      clock: this.clock,
      random: this.#random,
      logger: createLogger({ level: 'silent', service: 'placement' }),
      telemetry: nullTelemetry(),
    });
    await this.settle();
    this.#placements.set(id, await opening);
    const record: Omit<MemberRecord, 'version' | 'place'> = {
      role: 'placement',
      id,
      address: id,
      incarnation: id,
    };
    await this.put(memberKey('placement', id), encodeRecord({ ...record, version: '', place: '' }));
  }

  /** As if it had died, and the members knew. */
  async kill(id: string): Promise<void> {
    await this.#placements.get(id)?.[Symbol.asyncDispose]();
    await this.remove(memberKey('placement', id));
  }

  worker(id: string, report: Omit<Report, '$typeName'> = {}): ScriptedWorker {
    const worker = new ScriptedWorker(this, this.#network.member(id), { workerId: id, ...report });
    this.#workers.push(worker);
    return worker;
  }

  /** As time goes on, each worker repeats what it reported last. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      for (const worker of this.#workers) await worker.report();
      await this.clock.advance(1_000);
    }
  }

  need(
    waiting: number,
    more: {
      readonly to?: string;
      readonly router?: string;
      readonly revision?: bigint;
      readonly waitedMs?: number;
      readonly limitId?: string;
      readonly regardless?: boolean;
    } = {},
  ): Promise<NeedResponse> {
    const {
      to = 'placement',
      router = 'r-1',
      revision = 1n,
      waitedMs = 0,
      regardless = false,
      limitId = POOL_LIMIT_ID,
    } = more;
    const spec = { ...SPEC, key: { ...KEY, revision } };
    const request = create(NeedRequestSchema, {
      spec,
      waiting,
      waitedMs,
      routerId: router,
      limitId,
      regardless,
    });
    const answer = this.#network.member(router).need(to, request, { timeoutMs: 1_000 });
    void this.settle();
    return answer;
  }

  /** Of the pool: somebody else has the rest of the account. */
  setLimit(slots: number): Promise<void> {
    return this.put(limitKey(POOL_LIMIT_ID), encodeRecord({ wanted: slots, held: slots }));
  }

  async reserve(functionId: string, slots: number): Promise<void> {
    await this.reading(
      changeDivision(this.registry, division => ({ division: division.reserve(functionId, slots) })),
    );
    await this.settle();
  }

  async limit(limitId: string): Promise<LimitRecord | undefined> {
    const entry = await this.reading(this.registry.get(limitKey(limitId)));
    return entry && decodeLimit(entry);
  }

  /** What is asked of the registry is answered. */
  async reading<T>(asked: Promise<T>): Promise<T> {
    await this.settle();
    return asked;
  }

  /** It belongs to the fleet from here on, and its session is renewed. */
  async join(workerId: string, incarnation = 'life-1'): Promise<void> {
    await this.put(fleetKey(workerId), encodeRecord({ address: workerId, incarnation }));
    const record = { role: 'worker', id: workerId, incarnation, version: '', place: '' } as const;
    await this.put(memberKey('worker', workerId), encodeRecord(record satisfies MemberRecord));
  }

  /** Its session is over: nobody knows whether it lives. */
  miss(workerId: string): Promise<void> {
    return this.remove(memberKey('worker', workerId));
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    void this.registry.transact({ compare: [], write: [{ kind: 'put', key, value }] });
    await this.settle();
  }

  async remove(key: string): Promise<void> {
    void this.registry.transact({ compare: [], write: [{ kind: 'delete', key }] });
    await this.settle();
  }

  /** Lets the time go on until it is over. */
  async done<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const ended = work.finally(() => {
      over = true;
    });
    ended.catch(() => undefined);
    while (!over) await this.settle();
    return await ended;
  }

  /** Everything that is under way arrives. */
  settle(): Promise<void> {
    return this.clock.advance(1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const placement of this.#placements.values()) await placement[Symbol.asyncDispose]();
  }

  #registryOf(member: string): Registry {
    const { wire, clock } = this;
    return new SimulatedRegistry({ server: this.#registryServer, wire, member, clock });
  }
}

/** A worker that reports what a test says, and remembers what it is told. */
export class ScriptedWorker {
  readonly started: number[] = [];
  readonly raises: {
    readonly from: string;
    readonly limitId: string;
    readonly slots: number;
    readonly turn: bigint;
  }[] = [];
  readonly lowered: number[] = [];
  /** By version: the latest of each. */
  readonly provisioned = new Map<string, number>();
  streamsClosed = 0;
  beats = 0;
  readonly #stage: PlacementStage;
  readonly #link: Link;
  readonly #id: string;
  readonly #streams = new Map<string, Stream<EnlistRequest>>();
  #report: Report;

  constructor(stage: PlacementStage, link: Link, report: Report & { readonly workerId: string }) {
    this.#stage = stage;
    this.#link = link;
    this.#id = report.workerId;
    this.#report = { memoryMbFree: 4_096n, runtimes: ['nodejs24.x'], incarnation: 'life-1', ...report };
  }

  /** Opens a stream to a replica and reports; a second one to the same stands beside the first. */
  async enlist(to = 'placement'): Promise<void> {
    const opening = this.#link.openPlacement(to, {
      message: message => this.#receive(to, message),
      closed: () => {
        this.streamsClosed += 1;
      },
    });
    await this.#stage.settle();
    this.#streams.set(to, await opening);
    await this.report();
  }

  /** Says anew what it holds, with what has changed since. */
  async report(changed: Report = {}): Promise<void> {
    this.#report = { ...this.#report, ...changed };
    for (const to of this.#streams.keys()) this.#send(to, { case: 'report', value: this.#report });
    await this.#stage.settle();
  }

  /** Its slots of the pool, in the registry and in its report. */
  async holds(granted: number, used = 0, wanted = 0): Promise<void> {
    await this.#stage.put(grantKey(POOL_LIMIT_ID, this.#id), Buffer.from(String(granted)));
    await this.report({ limits: [{ limitId: POOL_LIMIT_ID, granted, used, wanted }] });
  }

  /** Gives back the latest turn. */
  async endTurn(granted: number): Promise<void> {
    const last = this.raises.at(-1);
    if (!last) throw new Error('no turn was given');
    const { from, turn } = last;
    this.#send(from, { case: 'raiseEnded', value: { limitId: POOL_LIMIT_ID, turn, granted } });
    await this.#stage.settle();
  }

  async leave(): Promise<void> {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
    await this.#stage.settle();
  }

  #send(to: string, message: NonNullable<MessageInitShape<typeof EnlistRequestSchema>['message']>): void {
    this.#streams.get(to)?.send(create(EnlistRequestSchema, { message }));
  }

  #receive(from: string, { message }: EnlistResponse): void {
    if (message.case === 'start') this.started.push(message.value.count);
    else if (message.case === 'raise') this.raises.push({ from, ...message.value });
    else if (message.case === 'lower') this.lowered.push(message.value.slots);
    else if (message.case === 'provision')
      this.provisioned.set(message.value.spec?.key?.version ?? '', message.value.count);
    else if (message.case === 'beat') this.beats += 1;
  }
}
