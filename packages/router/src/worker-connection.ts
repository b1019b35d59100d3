import {
  type ConnectResponse,
  type EnvironmentKeyText,
  type EnvironmentSpec,
  environmentKeyText,
  NEVER_SEEN_BELIEVED_MS,
  type NotStarted,
  NotStartedReason,
  OutcomeKind,
  type ResponsePart,
  type Result,
  type Standing,
  type Vacancy,
  type Welcome,
} from '@lambent/contracts';
import { type Clock, fail, type Random, type Timer } from '@lambent/core';
import type { Link } from '@lambent/link';
import { completionOf } from './completion.ts';
import type { Flight } from './flight.ts';
import { invokeMessage } from './invoke-message.ts';
import type { WorkerAddress } from './worker-address.ts';
import { WorkerStream } from './worker-stream.ts';

/** What a router is told by the connection to one worker. */
export interface WorkerEvents {
  /** How many idle environments of a key the worker says it holds. */
  vacancy(worker: WorkerConnection, key: EnvironmentKeyText, idle: number): void;
  /** One environment is kept for this router for a moment. */
  offered(worker: WorkerConnection, key: EnvironmentKeyText): void;
  /** Certain not to have started there. */
  refused(worker: WorkerConnection, flight: Flight, reason: NotStartedReason): void;
  /** Nothing should be believed of this worker until it says so again. */
  silent(worker: WorkerConnection): void;
  /** It was not heard for a while: what was believed of it holds again. */
  recovered(worker: WorkerConnection): void;
  /** It left the fleet, and nothing of it is waited for any more: this connection is closed. */
  left(worker: WorkerConnection): void;
}

export interface WorkerConnectionOptions {
  readonly worker: WorkerAddress;
  readonly routerId: string;
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  /** Which limit the invocations of a configuration count against. */
  readonly limitOf: (spec: EnvironmentSpec) => string;
  readonly events: WorkerEvents;
}

/**
 * What one router has out at one worker. When the stream breaks the flights stay; on the next one their ids are asked
 * for, and only what the same life of the worker never saw is given back to the router. Once that life is known to have
 * ended, their outcome is unknown.
 *
 * - serving: takes flights while the stream is healthy and the worker does not drain → leaving, closed
 * - leaving: no longer of the fleet; takes none, waits for those it has as long as the stream stands → serving, closed
 * - closed: for good; what was still out has an unknown outcome
 */
export class WorkerConnection implements Disposable {
  readonly #options: WorkerConnectionOptions;
  readonly #stream: WorkerStream;
  readonly #flights = new Map<string, Flight>();
  /** Asked about on the present stream and not sent again since: what the answer is about. */
  #asked = new Set<string>();
  #worker: WorkerAddress;
  #state: 'serving' | 'leaving' | 'closed' = 'serving';
  #draining = false;
  /** The life of the worker that has the flights. */
  #incarnation: string | undefined;
  #sweep: Timer;

  constructor(options: WorkerConnectionOptions) {
    const { worker, routerId, clock, events } = options;
    this.#options = options;
    this.#worker = worker;
    this.#sweep = clock.setTimer(SWEEP_MS, () => this.#abandonOverdue());
    this.#stream = new WorkerStream({
      ...options,
      address: worker.address,
      events: {
        opened: () => this.#stream.send({ case: 'hello', value: { routerId } }),
        message: message => this.#receive(message),
        recovered: () => events.recovered(this),
        broken: () => this.#broken(),
        // The life that has the flights has ended, and nobody knows when there will be another to say so.
        absent: () => this.#abandonAll(),
      },
    });
  }

  get workerId(): string {
    return this.#worker.workerId;
  }

  /** Whether new invocations may be sent there. */
  get accepting(): boolean {
    return this.#state === 'serving' && !this.#draining && this.#stream.healthy;
  }

  get inFlight(): number {
    return this.#flights.size;
  }

  /** Sends the invocation. The answer lands the flight, or `refused` gives it back. */
  send(flight: Flight): void {
    flight.sent(this.#options.clock.monotonicMs());
    this.#flights.set(flight.invocation.requestId, flight);
    this.#asked.delete(flight.invocation.requestId);
    this.#stream.send({
      case: 'invoke',
      value: invokeMessage(flight, this.#options.limitOf(flight.invocation.spec)),
    });
  }

  /** Lost when there is no stream now: then keeping alive ends them later. */
  retire(functionId: string): void {
    this.#stream.send({ case: 'retire', value: { functionId } });
  }

  /** Where the fleet says the worker is now. */
  follow(worker: WorkerAddress): void {
    const moved = worker.address !== this.#worker.address;
    const reborn =
      worker.incarnation !== this.#worker.incarnation && worker.incarnation !== this.#incarnation;
    const back = this.#state === 'leaving';
    this.#worker = worker;
    if (back) this.#state = 'serving';
    if (moved || reborn || back) this.#stream.reopen(worker.address);
  }

  /** The fleet no longer names it: it has drained, or was given up. */
  leave(): void {
    if (this.#state !== 'serving') return;
    this.#state = 'leaving';
    this.#options.events.silent(this);
    this.#leaveIfDone();
  }

  [Symbol.dispose](): void {
    this.#state = 'closed';
    this.#sweep.cancel();
    this.#stream[Symbol.dispose]();
    this.#abandonAll();
  }

  #broken(): void {
    this.#draining = false;
    // Of a response that was on its way parts may be lost.
    for (const flight of [...this.#flights.values()]) if (flight.partsBytes > 0) this.#abandon(flight);
    this.#options.events.silent(this);
    this.#leaveIfDone();
  }

  #leaveIfDone(): void {
    if (this.#state !== 'leaving' || (this.#flights.size > 0 && this.#stream.open)) return;
    this[Symbol.dispose]();
    this.#options.events.left(this);
  }

  #abandonOverdue(): void {
    const { clock } = this.#options;
    this.#sweep = clock.setTimer(SWEEP_MS, () => this.#abandonOverdue());
    const nowMs = clock.monotonicMs();
    for (const flight of [...this.#flights.values()]) if (flight.dueMs <= nowMs) this.#abandon(flight);
    this.#leaveIfDone();
  }

  #receive({ message }: ConnectResponse): void {
    const { events } = this.#options;
    switch (message.case) {
      case 'result':
        return this.#landed(message.value);
      case 'notStarted':
        return this.#refused(message.value);
      case 'vacancies':
        for (const vacancy of message.value.vacancies) this.#vacancy(vacancy);
        return;
      case 'offer':
        if (message.value.key && this.accepting) events.offered(this, environmentKeyText(message.value.key));
        return;
      case 'welcome':
        return this.#welcomed(message.value);
      case 'standing':
        return this.#sorted(message.value);
      case 'draining':
        this.#draining = true;
        return events.silent(this);
      case 'responsePart':
        return this.#part(message.value);
      case 'heartbeat':
      case 'parcel':
      case undefined:
        return;
    }
  }

  /** A new life of the worker knows nothing of what the old one was sent; the same life can tell. */
  #welcomed({ workerId, incarnation }: Welcome): void {
    if (workerId !== this.workerId) return this.#stream.misled();
    if (this.#incarnation !== undefined && this.#incarnation !== incarnation) this.#abandonAll();
    this.#incarnation = incarnation;
    this.#asked = new Set(this.#flights.keys());
    if (this.#asked.size === 0) return;
    const attempts = [...this.#flights.values()].map(({ invocation }) => invocation.attempt);
    this.#stream.send({ case: 'query', value: { requestIds: [...this.#asked], attempts } });
  }

  /** What was sent long ago may have run and been forgotten since. */
  #sorted(standing: Standing): void {
    const { clock, events } = this.#options;
    for (const requestId of standing.neverSeen) {
      if (!this.#asked.has(requestId)) continue;
      const flight = this.#take(requestId);
      if (!flight) continue;
      if (clock.monotonicMs() - flight.sentMs < NEVER_SEEN_BELIEVED_MS)
        events.refused(this, flight, NotStartedReason.BUSY);
      else this.#abandon(flight);
    }
    this.#leaveIfDone();
  }

  #landed(result: Result): void {
    const flight = this.#take(result.requestId);
    if (result.vacancy) this.#vacancy(result.vacancy);
    const isWhole = Number(result.partsBytes) === (flight?.partsBytes ?? 0);
    if (result.outcome === OutcomeKind.CUT_OFF || !isWhole)
      flight?.crash(fail('outcome-unknown', { requestId: result.requestId }));
    else flight?.land(completionOf(result));
    this.#leaveIfDone();
  }

  #part(part: ResponsePart): void {
    const { requestId, payload } = part;
    const taken = () => this.#stream.send({ case: 'partTaken', value: { requestId, bytes: payload.length } });
    const more = this.#flights.get(requestId)?.part(part);
    if (more) void more.then(taken);
    else if (payload.length > 0) taken();
  }

  /** Without a slot its idle environments are of no use: believing in them would send the next one after this. */
  #refused({ requestId, reason, vacancy }: NotStarted): void {
    const flight = this.#take(requestId);
    if (reason === NotStartedReason.LIMIT && flight) this.#options.events.vacancy(this, flight.key, 0);
    else if (vacancy) this.#vacancy(vacancy);
    if (flight) this.#options.events.refused(this, flight, reason);
    this.#leaveIfDone();
  }

  #vacancy(vacancy: Vacancy): void {
    if (!vacancy.key || this.#state !== 'serving') return;
    this.#options.events.vacancy(this, environmentKeyText(vacancy.key), vacancy.idle);
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
}

/** How late a flight that is overdue may be given up. */
const SWEEP_MS = 1_000;
