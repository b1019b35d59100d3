import { create } from '@bufbuild/protobuf';
import {
  type ConnectRequest,
  type ConnectResponse,
  ConnectResponseSchema,
  type EnvironmentKey,
  EnvironmentSpecSchema,
  InvocationKind,
  type Invoke,
  type NeedRequest,
  NeedResponseSchema,
  NeedVerdict,
  type NotStartedReason,
  OutcomeKind,
} from '@lambent/contracts';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { DirectWire, EmbeddedNetwork, type Stream } from '@lambent/link';
import type { Invocation } from './invoker.ts';
import { Placements } from './placements.ts';
import { Router } from './router.ts';

export const SPEC = create(EnvironmentSpecSchema, {
  key: { functionId: 'f-1', version: '$LATEST', revision: 3n, tenantId: '' },
  functionName: 'hello',
  runtime: 'nodejs24.x',
  timeoutMs: 3_000,
});
const KEY = SPEC.key as EnvironmentKey;

/** A router between hand-made workers and a hand-made placement, on simulated time. */
export async function openStage(
  workerIds: readonly string[],
  options: { readonly queueMax?: number; readonly placements?: readonly string[] } = {},
) {
  const clock = new SimulatedClock();
  const random = new SeededRandom(1);
  const wire = new FreezableWire({ clock });
  const network = new EmbeddedNetwork({ wire });
  const needs: (Pick<NeedRequest, 'waiting' | 'waitedMs' | 'limitId'> & { readonly by: string })[] = [];
  const stage: { verdict: { verdict: NeedVerdict; starting: number } } = {
    verdict: { verdict: NeedVerdict.STARTING, starting: 0 },
  };
  const placements = new Map<string, AsyncDisposable>();
  for (const id of options.placements ?? ['placement']) {
    const door = {
      need: async ({ waiting, waitedMs, limitId }: NeedRequest) => {
        needs.push({ waiting, waitedMs, limitId, by: id });
        return create(NeedResponseSchema, stage.verdict);
      },
      enlist: () => ({ message: () => undefined, closed: () => undefined }),
    };
    placements.set(id, await network.member(id).servePlacement(id, door));
  }
  const workers = new Map<string, ScriptedWorker>();
  const doors = new Map<string, AsyncDisposable>();
  for (const id of workerIds) {
    const worker = new ScriptedWorker(id);
    workers.set(id, worker);
    doors.set(id, await network.member(id).serveWorker(id, stream => worker.accept(stream)));
  }
  const router = new Router({
    routerId: 'r-1',
    link: network.member('router'),
    placements: new Placements({ clock, addresses: [...placements.keys()] }),
    clock,
    random,
    queueMax: options.queueMax ?? 100,
    queueWaitMs: 10_000,
  });
  router.setFleet(workerIds.map(workerId => ({ workerId, address: workerId })));
  await clock.advance(0);
  const invoke = (requestId: string, more: Partial<Invocation> = {}) =>
    router.invoke({
      requestId,
      spec: SPEC,
      payload: Buffer.from('{}'),
      invokedArn: 'arn:aws:lambda:us-east-1:000000000000:function:hello',
      kind: InvocationKind.SYNC,
      attempt: 1,
      logTail: false,
      ...more,
    });
  return Object.assign(stage, {
    clock,
    router,
    needs,
    invoke,
    settle: () => clock.advance(0),
    stopPlacement: async (id = 'placement') => placements.get(id)?.[Symbol.asyncDispose](),
    /** Whatever is said to it or by it is held up from here on. */
    freeze: (id: string) => wire.freeze(id),
    thaw: (id: string) => wire.thaw(id),
    /** Its process ends: its streams break, and nobody listens any more. */
    end: async (id: string) => doors.get(id)?.[Symbol.asyncDispose](),
    /** The worker is reached at another address, in another life when that is given. */
    move: async (id: string, address: string, incarnation?: string) => {
      const worker = workers.get(id) as ScriptedWorker;
      if (incarnation !== undefined) worker.incarnation = incarnation;
      await network.member(id).serveWorker(address, stream => worker.accept(stream));
    },
    worker: (id: string) => workers.get(id) as ScriptedWorker,
    workerOf: (requestId: string) =>
      [...workers.values()].find(worker => worker.holds(requestId)) as ScriptedWorker,
    [Symbol.asyncDispose]: () => router[Symbol.asyncDispose](),
  });
}

/** No distance, but for members that are frozen. */
class FreezableWire extends DirectWire {
  readonly #frozen = new Map<string, (() => void)[]>();

  freeze(member: string): void {
    this.#frozen.set(member, []);
  }

  thaw(member: string): void {
    const held = this.#frozen.get(member) ?? [];
    this.#frozen.delete(member);
    for (const deliver of held) queueMicrotask(deliver);
  }

  override carry(from: string, to: string, deliver: () => void): void {
    const held = this.#frozen.get(from) ?? this.#frozen.get(to);
    if (held) held.push(deliver);
    else super.carry(from, to, deliver);
  }
}

/** A worker that does what the test says and remembers what it was sent. */
export class ScriptedWorker {
  readonly invoked: string[] = [];
  readonly limitIds: string[] = [];
  readonly queried: string[] = [];
  incarnation = 'first';
  /** Answers each heartbeat with its own. */
  beating = false;
  streams = 0;
  streamsClosed = 0;
  /** Of responses in parts, how much it was told is taken. */
  takenBytes = 0;
  readonly #held = new Set<string>();
  readonly #workerId: string;
  #stream: Stream<ConnectResponse> | undefined;

  constructor(workerId: string) {
    this.#workerId = workerId;
  }

  accept(stream: Stream<ConnectResponse>) {
    this.#stream = stream;
    this.streams++;
    return {
      message: (message: ConnectRequest) => this.#receive(message),
      closed: () => {
        this.streamsClosed++;
      },
    };
  }

  holds(requestId: string): boolean {
    return this.#held.has(requestId);
  }

  vacancies(idle: number): void {
    this.say({ case: 'vacancies', value: { vacancies: [{ key: KEY, idle }] } });
  }

  offer(): void {
    this.say({ case: 'offer', value: { key: KEY } });
  }

  /** `partsBytes`: how much it says went ahead in parts. */
  answer(requestId: string, text: string, partsBytes = 0): void {
    this.#held.delete(requestId);
    const payload = Buffer.from(text);
    const value = { requestId, outcome: OutcomeKind.OK, payload, partsBytes: BigInt(partsBytes) };
    this.say({ case: 'result', value });
  }

  part(requestId: string, text: string, contentType = ''): void {
    this.say({ case: 'responsePart', value: { requestId, payload: Buffer.from(text), contentType } });
  }

  /** `idle`: how many environments it says it has all the same. */
  refuse(requestId: string, reason: NotStartedReason, idle?: number): void {
    this.#held.delete(requestId);
    const vacancy = idle === undefined ? {} : { vacancy: { key: KEY, idle } };
    this.say({ case: 'notStarted', value: { requestId, reason, ...vacancy } });
  }

  standing(value: { running: string[]; neverSeen: string[] }): void {
    this.say({ case: 'standing', value });
  }

  breakStream(): void {
    this.#stream?.close();
  }

  say(message: NonNullable<Parameters<typeof create<typeof ConnectResponseSchema>>[1]>['message']): void {
    this.#stream?.send(create(ConnectResponseSchema, { message: message as ConnectResponse['message'] }));
  }

  #receive({ message }: ConnectRequest): void {
    if (message.case === 'hello') {
      this.say({ case: 'welcome', value: { workerId: this.#workerId, incarnation: this.incarnation } });
    } else if (message.case === 'invoke') {
      this.invoked.push((message.value as Invoke).requestId);
      this.limitIds.push(message.value.limitId);
      this.#held.add(message.value.requestId);
    } else if (message.case === 'query') {
      this.queried.push(...message.value.requestIds);
    } else if (message.case === 'partTaken') {
      this.takenBytes += message.value.bytes;
    } else if (message.case === 'heartbeat' && this.beating) {
      this.say({ case: 'heartbeat', value: {} });
    }
  }
}
