import { create } from '@bufbuild/protobuf';
import {
  type EnvironmentKey,
  environmentKeyText,
  InvocationKind,
  type Invoke,
  NotStartedReason,
  type Revisions,
  type Vacancy,
  VacancySchema,
} from '@lambent/contracts';
import type { Clock } from '@lambent/core';
import type { Completion } from './completion.ts';
import type { Environment } from './environment.ts';
import type { Environments } from './environments.ts';
import type { InvocationLedger } from './invocation-ledger.ts';
import { Offers } from './offers.ts';
import { RefusedRouters } from './refused-routers.ts';
import { resultMessage } from './result-message.ts';
import type { RouterDoor, RouterEvents } from './router-door.ts';
import type { Slots } from './slots.ts';
import { VacancyBoard } from './vacancy-board.ts';

export interface InvocationsOptions {
  readonly workerId: string;
  /** Of this life of the worker. */
  readonly incarnation: string;
  readonly door: RouterDoor;
  readonly environments: Environments;
  readonly slots: Slots;
  readonly revisions: Revisions;
  readonly ledger: InvocationLedger;
  readonly clock: Clock;
  /** An environment became busy. */
  readonly changed: () => void;
}

/**
 * What routers ask of this worker, decided at once: an Invoke starts in an idle environment or is refused, and an
 * environment that becomes idle goes to whoever was refused first, or is told of to all.
 */
export class Invocations implements RouterEvents, Disposable {
  readonly #options: InvocationsOptions;
  readonly #refused = new RefusedRouters();
  readonly #offers: Offers;
  readonly #board: VacancyBoard;
  readonly #door: RouterDoor;
  #draining = false;

  constructor(options: InvocationsOptions) {
    const { clock } = options;
    this.#options = options;
    this.#door = options.door;
    this.#offers = new Offers({
      clock,
      refused: this.#refused,
      tell: (routerId, { key }) => this.#door.send(routerId, { case: 'offer', value: { key } }),
      unwanted: environment => this.#park(environment, { tell: true }),
    });
    this.#board = new VacancyBoard({ clock, publish: keys => this.#publish(keys) });
  }

  /** From here on nothing new is taken, and every router knows. */
  drain(): void {
    this.#draining = true;
    this.#door.broadcast({ case: 'draining', value: {} });
    this.#publish(this.#options.environments.parkedKeys());
  }

  /** An environment is idle, for the first time or again. `tell`: no result is about to tell of it. */
  freed(environment: Environment, how: { readonly tell: boolean }): void {
    const { revisions } = this.#options;
    if (this.#draining || revisions.isStale(environment.key)) return environment.retire();
    if (!this.#offers.offer(environment)) this.#park(environment, how);
  }

  /** It takes no more invocations. */
  lost(environment: Environment): void {
    this.#offers.drop(environment);
    if (this.#options.environments.unpark(environment)) this.#board.changed(environment.key);
  }

  answered(invoke: Invoke, completion: Completion): void {
    const { requestId, key } = invoke;
    if (!key) return;
    const result = resultMessage(requestId, completion, this.#vacancy(key));
    const routerId = this.#options.ledger.completed(requestId, result);
    if (routerId !== undefined) this.#door.send(routerId, { case: 'result', value: result });
  }

  notStarted(invoke: Invoke): void {
    const routerId = this.#options.ledger.withdrawn(invoke.requestId);
    if (routerId !== undefined) this.#refuse(routerId, invoke, NotStartedReason.BUSY);
  }

  [Symbol.dispose](): void {
    this.#board[Symbol.dispose]();
  }

  joined(routerId: string): void {
    const { workerId, incarnation, environments } = this.#options;
    this.#door.send(routerId, { case: 'welcome', value: { workerId, incarnation } });
    if (this.#draining) {
      this.#door.send(routerId, { case: 'draining', value: {} });
      return;
    }
    const vacancies = environments.parkedKeys().map(key => this.#vacancy(key));
    if (vacancies.length > 0) this.#door.send(routerId, { case: 'vacancies', value: { vacancies } });
  }

  /** The warm path: nothing here waits before the event is with the runtime's channel. */
  invoke(routerId: string, invoke: Invoke): void {
    const { requestId, key, attempt } = invoke;
    if (!key) return this.#refuse(routerId, invoke, NotStartedReason.BUSY);
    const { environments, slots, ledger } = this.#options;
    const standing = ledger.standing(requestId);
    if (standing.kind === 'running' && standing.attempt === attempt) return;
    if (standing.kind === 'done' && standing.attempt === attempt) {
      this.#door.send(routerId, { case: 'result', value: standing.result });
      return;
    }
    if (this.#draining) return this.#refuse(routerId, invoke, NotStartedReason.DRAINING);
    const keyText = environmentKeyText(key);
    const environment = this.#offers.take(keyText, routerId) ?? environments.takeParked(keyText);
    if (!environment) return this.#refuseIdleless(routerId, invoke, key);
    const slot = slots.takeSlot();
    if (!slot) {
      environments.park(environment);
      return this.#refuse(routerId, invoke, NotStartedReason.LIMIT);
    }
    this.#refused.served(keyText, routerId);
    ledger.started(requestId, { routerId, attempt });
    environment.run(invoke, slot);
    this.#options.changed();
  }

  #refuseIdleless(routerId: string, invoke: Invoke, key: EnvironmentKey): void {
    const { revisions, environments, clock } = this.#options;
    const standing = revisions.observe(key);
    if (standing === 'stale') return this.#refuse(routerId, invoke, NotStartedReason.STALE);
    if (standing === 'newer')
      for (const old of environments.filter(one => revisions.isStale(one.key))) old.retire();
    this.#refused.remember(environmentKeyText(key), {
      routerId,
      sync: invoke.kind !== InvocationKind.ASYNC,
      untilMs: clock.monotonicMs() + invoke.remainingMs,
    });
    this.#refuse(routerId, invoke, NotStartedReason.BUSY);
  }

  #refuse(routerId: string, { requestId, key }: Invoke, reason: NotStartedReason): void {
    const vacancy = key && this.#vacancy(key);
    this.#door.send(routerId, {
      case: 'notStarted',
      value: { requestId, reason, ...(vacancy && { vacancy }) },
    });
  }

  query(routerId: string, requestIds: readonly string[]): void {
    const running: string[] = [];
    const neverSeen: string[] = [];
    const results = [];
    for (const requestId of requestIds) {
      const standing = this.#options.ledger.standing(requestId);
      if (standing.kind === 'running') running.push(requestId);
      else if (standing.kind === 'never-seen') neverSeen.push(requestId);
      else if (standing.kind === 'done') results.push(standing.result);
    }
    this.#door.send(routerId, { case: 'standing', value: { running, neverSeen } });
    for (const result of results) this.#door.send(routerId, { case: 'result', value: result });
  }

  retire(functionId: string): void {
    const { environments } = this.#options;
    for (const one of environments.filter(({ key }) => key.functionId === functionId)) one.retire();
  }

  #park(environment: Environment, { tell }: { readonly tell: boolean }): void {
    this.#options.environments.park(environment);
    if (tell) this.#board.changed(environment.key);
  }

  #publish(keys: readonly EnvironmentKey[]): void {
    if (keys.length === 0) return;
    this.#door.broadcast({ case: 'vacancies', value: { vacancies: keys.map(key => this.#vacancy(key)) } });
  }

  #vacancy(key: EnvironmentKey): Vacancy {
    const idle = this.#draining ? 0 : this.#options.environments.parkedCount(environmentKeyText(key));
    return create(VacancySchema, { key, idle });
  }
}
