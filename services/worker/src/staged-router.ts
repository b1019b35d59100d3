import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  ConnectRequestSchema,
  type ConnectResponse,
  InvocationKind,
  type Invoke,
  InvokeSchema,
} from '@lambent/contracts';
import type { EmbeddedNetwork, Stream } from '@lambent/link';
import type { WorkerStage } from './worker-stage.ts';

type ToWorker = NonNullable<MessageInitShape<typeof ConnectRequestSchema>['message']>;
type FromWorker = ConnectResponse['message'];
type Said<Case> = Extract<FromWorker, { case: Case }> extends { value: infer Value } ? Value : never;

/** One router's stream, and everything it was told. */
export class StagedRouter {
  readonly heard: FromWorker[] = [];
  closed = false;
  readonly #stage: WorkerStage;
  readonly #routerId: string;
  #stream: Stream<ReturnType<typeof connectRequest>> | undefined;

  private constructor(stage: WorkerStage, routerId: string) {
    this.#stage = stage;
    this.#routerId = routerId;
  }

  static async connect(
    stage: WorkerStage,
    network: EmbeddedNetwork,
    routerId: string,
  ): Promise<StagedRouter> {
    const router = new StagedRouter(stage, routerId);
    router.#stream = await network.member(routerId).openWorker('worker:1', {
      message: ({ message }) => router.heard.push(message),
      closed: () => {
        router.closed = true;
      },
    });
    router.say({ case: 'hello', value: { routerId } });
    await stage.until('the welcome', () => router.all('welcome').length > 0);
    return router;
  }

  say(message: ToWorker): void {
    this.#stream?.send(connectRequest(message));
  }

  invoke(requestId: string, change: Partial<Omit<Invoke, '$typeName'>> = {}): void {
    const { spec } = this.#stage;
    this.say({
      case: 'invoke',
      value: create(InvokeSchema, {
        requestId,
        ...(spec.key ? { key: spec.key } : {}),
        remainingMs: 10_000,
        payload: Buffer.from('"event"'),
        invokedArn: spec.functionArn,
        attempt: 1,
        kind: InvocationKind.SYNC,
        ...change,
      }),
    });
  }

  async result(requestId: string): Promise<Said<'result'>> {
    await this.#stage.until(
      `the result of ${requestId}`,
      () => this.#find('result', requestId) !== undefined,
    );
    return this.#find('result', requestId) as Said<'result'>;
  }

  async refusal(requestId: string): Promise<Said<'notStarted'>> {
    await this.#stage.until(
      `the refusal of ${requestId}`,
      () => this.#find('notStarted', requestId) !== undefined,
    );
    return this.#find('notStarted', requestId) as Said<'notStarted'>;
  }

  all<Case extends FromWorker['case']>(kind: Case): readonly Said<Case>[] {
    return this.heard.filter(message => message.case === kind).map(message => message.value as Said<Case>);
  }

  /** How many idle environments it was last told of. */
  get vacancy(): number {
    const told = this.heard.flatMap(message => {
      if (message.case === 'vacancies') return message.value.vacancies;
      if (message.case === 'result' || message.case === 'notStarted')
        return message.value.vacancy ? [message.value.vacancy] : [];
      return [];
    });
    return told.at(-1)?.idle ?? 0;
  }

  get routerId(): string {
    return this.#routerId;
  }

  #find(kind: 'result' | 'notStarted', requestId: string) {
    return this.all(kind).find(message => message.requestId === requestId);
  }
}

function connectRequest(message: ToWorker) {
  return create(ConnectRequestSchema, { message });
}
