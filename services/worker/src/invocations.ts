import { create } from '@bufbuild/protobuf';
import {
  type EnvironmentKey,
  type EnvironmentKeyText,
  environmentKeyText,
  InvocationKind,
  type Invoke,
  NotStartedReason,
  type PartTaken,
  type Query,
  type Revisions,
  type Vacancy,
  VacancySchema,
} from '@lambent/contracts';
import type { Clock } from '@lambent/core';
import { provisionedLimitId } from '@lambent/membership';
import type { Completion } from './completion.ts';
import type { Environment } from './environment.ts';
import type { Environments } from './environments.ts';
import type { Grants } from './grants/grants.ts';
import type { InvocationLedger } from './invocation-ledger.ts';
import { Offers } from './offers.ts';
import { RefusedRouters } from './refused-routers.ts';
import { ResponseStreams } from './response-streams.ts';
import { resultMessage } from './result-message.ts';
import type { RouterDoor, RouterEvents } from './router-door.ts';
import { VacancyBoard } from './vacancy-board.ts';

export interface InvocationsOptions {
  readonly workerId: string;
  /** Of this life of the worker. */
  readonly incarnation: string;
  readonly door: RouterDoor;
  readonly environments: Environments;
  readonly grants: Pick<Grants, 'take' | 'freeOf' | 'limitOf'>;
  readonly revisions: Revisions;
  readonly ledger: InvocationLedger;
  readonly clock: Clock;
  /** A function is gone. */
  readonly retired: (functionId: string) => void;
  /** An environment is about to run an invocation. `awaited`: whose router had to wait for it. */
  readonly used: (environment: Environment, how: { readonly awaited: boolean }) => void;
  /** An environment became busy, or lacks a slot. */
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
  readonly #responses: ResponseStreams;
  /** Keys of which environments are parked that no slot was free for: not told of until one is. The oldest first. */
  readonly #slotless = new Map<EnvironmentKeyText, EnvironmentKey>();
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
      unwanted: environment => this.#unwanted(environment),
    });
    this.#responses = new ResponseStreams(options.door);
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
    const { revisions, grants } = this.#options;
    if (this.#draining || revisions.isStale(environment.key)) return environment.retire();
    if (grants.freeOf(this.#limitFor(environment)) === 0) this.#parkSlotless(environment);
    else if (!this.#offers.offer(environment)) this.#park(environment, how);
  }

  /**
   * Slots may be free again: for each, what waits for one is offered to whoever was refused. What nobody was refused is
   * told of to all: who comes for it first has the slot.
   */
  slotsChanged(): void {
    const { environments, grants } = this.#options;
    const free = new Map<string, number>();
    for (const [keyText, key] of [...this.#slotless]) {
      const environment = environments.takeParked(keyText);
      const limitId = environment && this.#limitFor(environment);
      const left = limitId === undefined ? 1 : (free.get(limitId) ?? grants.freeOf(limitId));
      if (left > 0) {
        // A provisioned one with a slot of its own says nothing of the others.
        if (!environment || limitId === grants.limitOf(key.functionId)) this.#slotless.delete(keyText);
        this.#board.changed(key);
      }
      const offered = environment !== undefined && left > 0 && this.#offers.offer(environment);
      if (limitId !== undefined) free.set(limitId, offered ? left - 1 : left);
      if (environment && !offered) environments.park(environment);
    }
  }

  /** It takes no more invocations. */
  lost(environment: Environment): void {
    const { environments } = this.#options;
    this.#offers.drop(environment);
    if (!environments.unpark(environment)) return;
    if (environments.parkedCount(environment.keyText) === 0) this.#slotless.delete(environment.keyText);
    this.#board.changed(environment.key);
  }

  answered(invoke: Invoke, completion: Completion): void {
    const { requestId, key } = invoke;
    if (!key) return;
    const partsBytes = this.#responses.close(requestId);
    const result = resultMessage(requestId, completion, { vacancy: this.#vacancy(key), partsBytes });
    for (const routerId of this.#options.ledger.completed(requestId, result))
      this.#door.send(routerId, { case: 'result', value: result });
  }

  notStarted(invoke: Invoke): void {
    this.#responses.close(invoke.requestId);
    for (const routerId of this.#options.ledger.withdrawn(invoke.requestId))
      this.#refuse(routerId, invoke, NotStartedReason.BUSY);
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
    const { environments, grants, ledger } = this.#options;
    const standing = ledger.standing(requestId, attempt);
    if (standing.kind === 'running') return ledger.asked(requestId, routerId);
    if (standing.kind === 'done') {
      this.#door.send(routerId, { case: 'result', value: standing.result });
      return;
    }
    if (this.#draining) return this.#refuse(routerId, invoke, NotStartedReason.DRAINING);
    const keyText = environmentKeyText(key);
    const offered = this.#offers.take(keyText, routerId);
    const environment = offered ?? environments.takeParked(keyText);
    if (!environment) return this.#refuseIdleless(routerId, invoke, key);
    const slot = grants.take(this.#limitFor(environment, invoke.limitId), requestId);
    if (!slot) return this.#refuseSlotless(routerId, invoke, environment);
    this.#refused.served(keyText, routerId);
    ledger.started(requestId, { routerId, attempt });
    this.#options.used(environment, { awaited: offered !== undefined });
    environment.run(invoke, slot, invoke.inParts ? this.#responses.open(requestId, routerId) : undefined);
    this.#options.changed();
  }

  #refuseIdleless(routerId: string, invoke: Invoke, key: EnvironmentKey): void {
    const { revisions, environments } = this.#options;
    const standing = revisions.observe(key);
    if (standing === 'stale') return this.#refuse(routerId, invoke, NotStartedReason.STALE);
    if (standing === 'newer')
      for (const old of environments.filter(one => revisions.isStale(one.key))) old.retire();
    this.#remember(routerId, invoke, environmentKeyText(key));
    this.#refuse(routerId, invoke, NotStartedReason.BUSY);
  }

  #refuseSlotless(routerId: string, invoke: Invoke, environment: Environment): void {
    this.#remember(routerId, invoke, environment.keyText);
    this.#parkSlotless(environment);
    this.#refuse(routerId, invoke, NotStartedReason.LIMIT);
    this.#options.changed();
  }

  #remember(routerId: string, invoke: Invoke, keyText: EnvironmentKeyText): void {
    this.#refused.remember(keyText, {
      routerId,
      sync: invoke.kind !== InvocationKind.ASYNC,
      untilMs: this.#options.clock.monotonicMs() + invoke.remainingMs,
    });
  }

  #refuse(routerId: string, { requestId, key }: Invoke, reason: NotStartedReason): void {
    const vacancy = key && this.#vacancy(key);
    this.#door.send(routerId, {
      case: 'notStarted',
      value: { requestId, reason, ...(vacancy && { vacancy }) },
    });
  }

  query(routerId: string, { requestIds, attempts }: Query): void {
    const running: string[] = [];
    const neverSeen: string[] = [];
    const results = [];
    for (const [index, requestId] of requestIds.entries()) {
      const standing = this.#options.ledger.standing(requestId, attempts[index]);
      if (standing.kind === 'running') running.push(requestId);
      else if (standing.kind === 'never-seen') neverSeen.push(requestId);
      else if (standing.kind === 'done') results.push(standing.result);
    }
    this.#door.send(routerId, { case: 'standing', value: { running, neverSeen } });
    for (const result of results) this.#door.send(routerId, { case: 'result', value: result });
  }

  partTaken(routerId: string, taken: PartTaken): void {
    this.#responses.taken(routerId, taken);
  }

  left(routerId: string): void {
    this.#responses.left(routerId);
  }

  retire(functionId: string): void {
    const { environments, retired } = this.#options;
    retired(functionId);
    for (const one of environments.filter(({ key }) => key.functionId === functionId)) one.retire();
  }

  /** Nobody came for it, so its slot is free for the others. */
  #unwanted(environment: Environment): void {
    this.#park(environment, { tell: true });
    this.slotsChanged();
  }

  #parkSlotless(environment: Environment): void {
    this.#slotless.set(environment.keyText, environment.key);
    this.#park(environment, { tell: true });
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
    const keyText = environmentKeyText(key);
    return create(VacancySchema, { key, idle: this.#draining ? 0 : this.#told(key, keyText) });
  }

  /** How many parked environments have a slot, as far as one that waits for none can be told from the others. */
  #told(key: EnvironmentKey, keyText: EnvironmentKeyText): number {
    const { environments, grants } = this.#options;
    if (!this.#slotless.has(keyText)) return environments.parkedCount(keyText);
    const provisioned = environments.parkedProvisionedCount(keyText);
    return (
      provisioned && Math.min(provisioned, grants.freeOf(provisionedLimitId(key.functionId, key.version)))
    );
  }

  /**
   * What an invocation there would count against. Whoever has heard of a reservation, this worker or its router, is
   * right: the other one's watch is behind.
   */
  #limitFor({ provisioned, key }: Environment, believed?: string): string {
    const { grants } = this.#options;
    const own = provisionedLimitId(key.functionId, key.version);
    if (provisioned && grants.freeOf(own) > 0) return own;
    return believed === key.functionId ? believed : grants.limitOf(key.functionId);
  }
}
