import {
  type EnvironmentKeyText,
  type EnvironmentSpec,
  environmentKeyText,
  type NeedResponse,
  NeedVerdict,
  NotStartedReason,
} from '@lambent/contracts';
import { type Clock, fail, type LambentError, type Random } from '@lambent/core';
import type { Link } from '@lambent/link';
import { Limits, POOL_LIMIT_ID } from '@lambent/membership';
import { Flight } from './flight.ts';
import type { Completion, Invocation, Invoker } from './invoker.ts';
import { type Need, NeedLoop } from './need-loop.ts';
import type { Placements } from './placements.ts';
import { Preparations } from './preparations.ts';
import { Refusals } from './refusals.ts';
import { Vacancies } from './vacancies.ts';
import { WaitingRoom } from './waiting-room.ts';
import type { WorkerAddress } from './worker-address.ts';
import { WorkerConnection, type WorkerEvents } from './worker-connection.ts';

export interface RouterOptions {
  readonly routerId: string;
  readonly link: Link;
  readonly placements: Placements;
  readonly clock: Clock;
  readonly random: Random;
  /** How many invocations may wait at once; the next one is refused. */
  readonly queueMax: number;
  /** How long one may wait for an environment. */
  readonly queueWaitMs: number;
}

/**
 * Sends each invocation to the worker most likely to have an idle environment; when none has, it waits here while
 * placement is asked for one. Used by gateways and by events, each with its own.
 */
export class Router implements Invoker, AsyncDisposable {
  readonly #options: RouterOptions;
  readonly #workers = new Map<string, WorkerConnection>();
  readonly #vacancies = new Vacancies<WorkerConnection>();
  readonly #waiting: WaitingRoom;
  readonly #needs: NeedLoop;
  readonly #refusals: Refusals;
  readonly #preparations: Preparations;
  /** Keys waited for whose last question placement did not answer. */
  readonly #unanswered = new Set<EnvironmentKeyText>();
  #limits = new Limits();
  #abandoned = false;
  readonly #events: WorkerEvents = {
    vacancy: (worker, key, idle) => {
      this.#vacancies.set(key, worker, idle);
      if (idle === 0) return;
      this.#preparations.end(key);
      this.#dispatch(key);
    },
    offered: (worker, key) => {
      const flight = this.#waiting.next(key);
      if (flight) worker.send(flight);
    },
    refused: (worker, flight, reason) => this.#refused(worker, flight, reason),
    silent: worker => this.#vacancies.forget(worker),
    recovered: () => {
      for (const key of this.#waiting.keys()) this.#dispatch(key);
    },
    left: worker => {
      if (this.#workers.get(worker.workerId) === worker) this.#workers.delete(worker.workerId);
    },
  };

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options);
    this.#preparations = new Preparations(options);
    this.#waiting = new WaitingRoom({
      clock: options.clock,
      max: options.queueMax,
      waitMs: options.queueWaitMs,
    });
    this.#needs = new NeedLoop({
      ...options,
      needOf: key => this.#needOf(key),
      answered: (key, response) => this.#advised(key, response),
    });
  }

  /** How many invocations wait for an environment. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The fleet as it is now: who is new is connected to, who moved is followed, who left finishes what it has. */
  setFleet(fleet: readonly WorkerAddress[]): void {
    if (this.#abandoned) return;
    const named = new Set(fleet.map(worker => worker.workerId));
    for (const connection of [...this.#workers.values()])
      if (!named.has(connection.workerId)) connection.leave();
    for (const worker of fleet) {
      const known = this.#workers.get(worker.workerId);
      if (known) known.follow(worker);
      else this.#connect(worker);
    }
  }

  /** What is reserved as it is now. */
  setLimits(limits: Limits): void {
    this.#limits = limits;
  }

  invoke(invocation: Invocation): Promise<Completion> {
    return new Promise((resolve, reject) => this.#route(new Flight(invocation, resolve, reject)));
  }

  /** Has one environment started that nobody waits for, unless one is idle somewhere. Tried for a while, no promise. */
  prepare(spec: EnvironmentSpec): void {
    if (!spec.key || this.#abandoned) return;
    const key = environmentKeyText(spec.key);
    if (this.#vacancies.has(key)) return;
    this.#preparations.begin(key, spec);
    this.#needs.waits(key);
  }

  /** The function is deleted: no worker keeps an environment of it. */
  retire(functionId: string): void {
    for (const worker of this.#workers.values()) worker.retire(functionId);
  }

  /**
   * Gives up at once and for good: what waits has certainly not started, what is out has an unknown outcome. Whoever
   * wants it drained stops invoking first and waits for its own.
   */
  abandon(): void {
    this.#abandoned = true;
    this.#needs[Symbol.dispose]();
    for (const flight of this.#waiting.takeAll()) flight.crash(this.#gone());
    for (const connection of this.#workers.values()) connection[Symbol.dispose]();
    this.#workers.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abandon();
  }

  #connect(worker: WorkerAddress): void {
    const connection = new WorkerConnection({
      ...this.#options,
      worker,
      limitOf: spec => this.#limitOf(spec),
      events: this.#events,
    });
    this.#workers.set(worker.workerId, connection);
  }

  #route(flight: Flight): void {
    if (this.#abandoned) return flight.crash(this.#gone());
    const { spec } = flight.invocation;
    if (this.#limits.isClosed(functionOf(spec))) return flight.crash(this.#overLimit(spec));
    const worker =
      flight.refusedBy.size <= BOUNCES_MAX ? this.#vacancies.take(flight.key, flight.refusedBy) : undefined;
    if (worker) return worker.send(flight);
    flight.refusedBy.clear();
    const refusal = flight.ticket ? undefined : this.#refusals.of(flight.key);
    if (refusal) return flight.crash(refusal);
    this.#waiting.enter(flight, () => flight.crash(this.#nobodyCame(flight.key)));
    if (flight.state === 'waiting') this.#needs.waits(flight.key);
  }

  #refused(worker: WorkerConnection, flight: Flight, reason: NotStartedReason): void {
    flight.returned();
    if (reason === NotStartedReason.STALE) return flight.crash(staleness(flight));
    flight.refusedBy.add(worker);
    this.#route(flight);
  }

  #dispatch(key: EnvironmentKeyText): void {
    while (this.#waiting.count(key) > 0) {
      const worker = this.#vacancies.take(key, NOBODY);
      const flight = worker && this.#waiting.next(key);
      if (!flight) return;
      worker.send(flight);
    }
  }

  /** Of whoever waits, else of what is to be prepared; undefined: neither. */
  #needOf(key: EnvironmentKeyText): Need | undefined {
    const first = this.#waiting.peek(key)?.invocation;
    if (!first) this.#unanswered.delete(key);
    const spec = first?.spec ?? this.#preparations.of(key);
    if (!spec) return undefined;
    return {
      spec,
      limitId: this.#limitOf(spec),
      waiting: Math.max(1, this.#waiting.count(key)),
      waitedMs: this.#waiting.waitedMs(key),
      traceparent: first?.traceparent ?? '',
    };
  }

  #advised(key: EnvironmentKeyText, response: NeedResponse | undefined): void {
    if (this.#waiting.count(key) === 0 && this.#preparations.of(key)) {
      // Whoever comes is told by an answer of its own.
      if (response && this.#refusalOf(key, response)) this.#preparations.end(key);
      return;
    }
    if (!response) {
      this.#unanswered.add(key);
      return;
    }
    this.#unanswered.delete(key);
    const error = this.#refusalOf(key, response);
    if (error?.reason === 'limit-reached') this.#refusals.add(key, error);
    else this.#refusals.delete(key);
    if (!error) return;
    const hopeless = this.#waiting.count(key) - response.starting;
    for (const flight of this.#waiting.takeNewest(key, hopeless)) flight.crash(error);
  }

  #refusalOf(key: EnvironmentKeyText, response: NeedResponse): LambentError | undefined {
    switch (response.verdict) {
      case NeedVerdict.LIMIT:
        return this.#overLimit(this.#waiting.peek(key)?.invocation.spec);
      case NeedVerdict.RATE:
        return fail('scaling-too-fast');
      case NeedVerdict.STALE:
        return staleness(this.#waiting.peek(key));
      case NeedVerdict.NO_RUNTIME:
        return fail('runtime-missing', { runtime: this.#waiting.peek(key)?.invocation.spec.runtime ?? '' });
      default:
        return undefined;
    }
  }

  #limitOf(spec: EnvironmentSpec): string {
    return this.#limits.limitOf(functionOf(spec));
  }

  #overLimit(spec: EnvironmentSpec | undefined): LambentError {
    const isReserved = spec !== undefined && this.#limitOf(spec) !== POOL_LIMIT_ID;
    return fail('limit-reached', { limit: isReserved ? 'reserved' : 'account' });
  }

  #gone(): LambentError {
    return fail('draining', { member: this.#options.routerId });
  }

  #nobodyCame(key: EnvironmentKeyText): LambentError {
    return this.#unanswered.delete(key) ? fail('no-placement') : fail('no-capacity');
  }
}

/** After the first refusal an invocation tries this many other workers before it waits. */
const BOUNCES_MAX = 2;
const NOBODY: ReadonlySet<WorkerConnection> = new Set();

function functionOf({ key }: EnvironmentSpec): string {
  return key?.functionId ?? '';
}

function staleness(flight: Flight | undefined): LambentError {
  return fail('configuration-stale', { revision: String(flight?.invocation.spec.key?.revision) });
}
