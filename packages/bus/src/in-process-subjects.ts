import { type Clock, fail, type Timer } from '@lambent/core';
import type { BusMessage, Headers } from './bus.ts';
import { checkMessageSize } from './message-size.ts';
import { checkSubject, SubjectPattern } from './subject-pattern.ts';

/** One for each thing a process listens to; more is a leak. */
export const SUBSCRIPTIONS_MAX = 10_000;
/** Requests that wait for an answer. Past it `queue-full`. */
export const REQUESTS_MAX = 10_000;

interface Subscription {
  readonly pattern: SubjectPattern;
  readonly group: string | undefined;
  readonly receive: (message: BusMessage) => void;
}

interface Request {
  readonly subject: string;
  readonly timer: Timer;
  readonly resolve: (message: BusMessage) => void;
  readonly reject: (error: unknown) => void;
}

type Respond = (body: Uint8Array, headers?: Headers) => void;

/**
 * Passing messages between the parts of one process. As over a network, nobody is called before the sender has
 * gone on, and the receivers' bytes are their own.
 */
export class InProcessSubjects implements Disposable {
  readonly #clock: Clock;
  readonly #subscriptions = new Set<Subscription>();
  readonly #requests = new Set<Request>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  publish(subject: string, body: Uint8Array, headers: Headers = {}): void {
    checkSubject(subject);
    checkMessageSize(body, JSON.stringify(headers));
    this.#deliver(subject, body, headers, () => {});
  }

  subscribe(
    subject: string,
    receive: (message: BusMessage) => void,
    { group }: { readonly group?: string } = {},
  ): AsyncDisposable {
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX)
      throw fail('queue-full', { queue: 'subscriptions', max: SUBSCRIPTIONS_MAX });
    const subscription = { pattern: new SubjectPattern(subject), group, receive };
    this.#subscriptions.add(subscription);
    const unsubscribe = () => this.#subscriptions.delete(subscription);
    return {
      async [Symbol.asyncDispose]() {
        unsubscribe();
        // What was sent before is called first.
        await Promise.resolve();
      },
    };
  }

  /** The first answer counts. */
  request(
    subject: string,
    body: Uint8Array,
    options: { timeoutMs: number; headers?: Headers },
  ): Promise<BusMessage> {
    checkSubject(subject);
    const { timeoutMs, headers = {} } = options;
    return new Promise((resolve, reject) => {
      checkMessageSize(body, JSON.stringify(headers));
      if (this.#requests.size >= REQUESTS_MAX)
        return reject(fail('queue-full', { queue: 'requests', max: REQUESTS_MAX }));
      const timer = this.#clock.setTimer(timeoutMs, () => {
        this.#requests.delete(request);
        reject(fail('request-timeout', { subject, timeoutMs }));
      });
      const request = { subject, timer, resolve, reject };
      this.#requests.add(request);
      const receivers = this.#deliver(subject, body, headers, (...answer) =>
        this.#answer(request, ...answer),
      );
      if (receivers === 0) this.#break(request, 'nobody subscribes');
    });
  }

  [Symbol.dispose](): void {
    this.#subscriptions.clear();
    for (const request of this.#requests) this.#break(request, 'the bus is closed');
  }

  /** How many will receive it. */
  #deliver(subject: string, body: Uint8Array, headers: Headers, respond: Respond): number {
    const receivers = this.#receiversOf(subject);
    for (const subscription of receivers) {
      const message = { subject, body: new Uint8Array(body), headers: { ...headers }, respond };
      queueMicrotask(() => subscription.receive(message));
    }
    return receivers.length;
  }

  /** All that listen, but of each group only the one that was not asked for longest. */
  #receiversOf(subject: string): readonly Subscription[] {
    const matching = [...this.#subscriptions].filter(({ pattern }) => pattern.matches(subject));
    const receivers = matching.filter(
      (own, at) => own.group === undefined || matching.findIndex(other => isOneGroup(own, other)) === at,
    );
    for (const receiver of receivers) {
      if (receiver.group === undefined) continue;
      this.#subscriptions.delete(receiver);
      this.#subscriptions.add(receiver);
    }
    return receivers;
  }

  #answer(request: Request, body: Uint8Array, headers: Headers = {}): void {
    checkMessageSize(body, JSON.stringify(headers));
    if (!this.#requests.delete(request)) return;
    request.timer.cancel();
    const { subject } = request;
    request.resolve({ subject, body: new Uint8Array(body), headers: { ...headers }, respond: () => {} });
  }

  #break(request: Request, detail: string): void {
    this.#requests.delete(request);
    request.timer.cancel();
    request.reject(fail('link-broken', { peer: request.subject, detail }));
  }
}

function isOneGroup(a: Subscription, b: Subscription): boolean {
  return a.group === b.group && a.pattern.text === b.pattern.text;
}
