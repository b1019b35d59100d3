import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ConnectRequest,
  ConnectRequestSchema,
  type ConnectResponse,
  type EnvironmentKeyText,
  environmentKeyText,
  type NotStarted,
  NotStartedReason,
  type Result,
  type Standing,
  type Vacancy,
} from '@lambent/contracts';
import { type Clock, fail, type Timer } from '@lambent/core';
import type { Link, Stream } from '@lambent/link';
import { completionOf } from './completion.ts';
import type { Flight } from './flight.ts';
import { invokeMessage } from './invoke-message.ts';

/** What a router is told by the connection to one worker. */
export interface WorkerEvents {
  /** How many idle environments of a key the worker says it holds. */
  vacancy(worker: WorkerConnection, key: EnvironmentKeyText, idle: number): void;
  /** One environment is kept for this router for a moment. */
  offered(worker: WorkerConnection, key: EnvironmentKeyText): void;
  /** Certain not to have started there. */
  refused(worker: WorkerConnection, flight: Flight, reason: NotStartedReason): void;
  /** Nothing more should be believed of this worker for now. */
  silent(worker: WorkerConnection): void;
}

/**
 * One router's long-lived stream to one worker, and the flights that the worker has.
 *
 * States: *connecting* (no stream; tried again every `RECONNECT_MS`), *open* (a stream; heartbeats both ways),
 * *closed* (disposed of, for good). When a stream breaks the flights stay; on the next one their ids are asked for,
 * and only what the same life of the worker never saw is given back to the router.
 */
export class WorkerConnection implements Disposable {
  readonly workerId: string;
  readonly #address: string;
  readonly #routerId: string;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #events: WorkerEvents;
  readonly #flights = new Map<string, Flight>();
  #state: State = { kind: 'connecting' };
  #incarnation: string | undefined;
  #tick: Timer;

  constructor(options: {
    workerId: string;
    address: string;
    routerId: string;
    link: Link;
    clock: Clock;
    events: WorkerEvents;
  }) {
    this.workerId = options.workerId;
    this.#address = options.address;
    this.#routerId = options.routerId;
    this.#link = options.link;
    this.#clock = options.clock;
    this.#events = options.events;
    this.#tick = this.#clock.setTimer(HEARTBEAT_MS, () => this.#beat());
    this.#connect();
  }

  /** Whether new invocations may be sent there. */
  get accepting(): boolean {
    if (this.#state.kind !== 'open' || this.#state.draining) return false;
    return this.#clock.monotonicMs() - this.#state.heardMs < SUSPECT_AFTER_MS;
  }

  /** Sends the invocation. The answer lands the flight, or `refused` gives it back. */
  send(flight: Flight): void {
    flight.sent(this.#clock.monotonicMs());
    this.#flights.set(flight.invocation.requestId, flight);
    this.#send({ case: 'invoke', value: invokeMessage(flight) });
  }

  /** Lost when there is no stream now: then keeping alive ends them later. */
  retire(functionId: string): void {
    this.#send({ case: 'retire', value: { functionId } });
  }

  [Symbol.dispose](): void {
    const { stream } = this.#state.kind === 'open' ? this.#state : { stream: undefined };
    this.#state = { kind: 'closed' };
    this.#tick.cancel();
    stream?.close();
    this.#abandonAll();
  }

  #connect(): void {
    const stream = this.#link.openWorker(this.#address, {
      message: message => this.#receive(message),
      closed: () => this.#broken(),
    });
    stream.then(
      opened => this.#opened(opened),
      // Nobody there yet, or no way there: the next beat tries again, and waiting invocations have their own bound.
      () => undefined,
    );
  }

  #opened(stream: Stream<ConnectRequest>): void {
    if (this.#state.kind !== 'connecting') return stream.close();
    this.#state = { kind: 'open', stream, heardMs: this.#clock.monotonicMs(), draining: false };
    this.#send({ case: 'hello', value: { routerId: this.#routerId } });
  }

  #broken(): void {
    if (this.#state.kind !== 'open') return;
    this.#state = { kind: 'connecting' };
    this.#events.silent(this);
  }

  #beat(): void {
    this.#tick = this.#clock.setTimer(HEARTBEAT_MS, () => this.#beat());
    const nowMs = this.#clock.monotonicMs();
    for (const flight of this.#flights.values()) {
      if (flight.dueMs <= nowMs) this.#abandon(flight);
    }
    if (this.#state.kind === 'connecting') return this.#connect();
    if (this.#state.kind !== 'open') return;
    const silentMs = nowMs - this.#state.heardMs;
    if (silentMs >= BROKEN_AFTER_MS) return this.#state.stream.close();
    if (silentMs >= SUSPECT_AFTER_MS) this.#events.silent(this);
    this.#send({ case: 'heartbeat', value: {} });
  }

  #receive({ message }: ConnectResponse): void {
    if (this.#state.kind === 'open') this.#state.heardMs = this.#clock.monotonicMs();
    switch (message.case) {
      case 'result':
        return this.#landed(message.value);
      case 'notStarted':
        return this.#refused(message.value);
      case 'vacancies':
        for (const vacancy of message.value.vacancies) this.#vacancy(vacancy);
        return;
      case 'offer':
        if (message.value.key) this.#events.offered(this, environmentKeyText(message.value.key));
        return;
      case 'welcome':
        return this.#welcomed(message.value.incarnation);
      case 'standing':
        return this.#sorted(message.value);
      case 'draining':
        if (this.#state.kind === 'open') this.#state.draining = true;
        return this.#events.silent(this);
      case 'heartbeat':
      case undefined:
        return;
    }
  }

  /** A new life of the worker knows nothing of what the old one was sent; the same life can tell. */
  #welcomed(incarnation: string): void {
    if (this.#incarnation !== undefined && this.#incarnation !== incarnation) this.#abandonAll();
    this.#incarnation = incarnation;
    if (this.#flights.size > 0)
      this.#send({ case: 'query', value: { requestIds: [...this.#flights.keys()] } });
  }

  #sorted(standing: Standing): void {
    for (const requestId of standing.neverSeen) {
      const flight = this.#take(requestId);
      if (flight) this.#events.refused(this, flight, NotStartedReason.BUSY);
    }
  }

  #landed(result: Result): void {
    const flight = this.#take(result.requestId);
    if (result.vacancy) this.#vacancy(result.vacancy);
    flight?.land(completionOf(result));
  }

  #refused(refusal: NotStarted): void {
    const flight = this.#take(refusal.requestId);
    if (refusal.vacancy) this.#vacancy(refusal.vacancy);
    if (flight) this.#events.refused(this, flight, refusal.reason);
  }

  #vacancy(vacancy: Vacancy): void {
    if (vacancy.key) this.#events.vacancy(this, environmentKeyText(vacancy.key), vacancy.idle);
  }

  #take(requestId: string): Flight | undefined {
    const flight = this.#flights.get(requestId);
    this.#flights.delete(requestId);
    return flight;
  }

  #abandonAll(): void {
    for (const flight of [...this.#flights.values()]) this.#abandon(flight);
  }

  #abandon(flight: Flight): void {
    this.#flights.delete(flight.invocation.requestId);
    flight.crash(fail('outcome-unknown', { requestId: flight.invocation.requestId }));
  }

  #send(message: NonNullable<MessageInitShape<typeof ConnectRequestSchema>['message']>): void {
    if (this.#state.kind === 'open') this.#state.stream.send(create(ConnectRequestSchema, { message }));
  }
}

type State =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly stream: Stream<ConnectRequest>; heardMs: number; draining: boolean }
  | { readonly kind: 'closed' };

/** Both sides beat this often; also how soon a broken stream is tried again. */
const HEARTBEAT_MS = 1_000;
/** Two missed beats: no new invocations there. */
const SUSPECT_AFTER_MS = 2 * HEARTBEAT_MS + HEARTBEAT_MS / 2;
/** Five missed beats: the stream counts as broken. */
const BROKEN_AFTER_MS = 5 * HEARTBEAT_MS;
