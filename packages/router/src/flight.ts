import { type EnvironmentKeyText, environmentKeyText, type ResponsePart } from '@lambent/contracts';
import { type LambentError, QUOTAS } from '@lambent/core';
import type { Completion, Invocation } from './invoker.ts';
import type { WorkerConnection } from './worker-connection.ts';

/**
 * One invocation on its way. It is *waiting* (nobody has it), *sent* (one worker has it and will answer), or
 * *landed* (its caller has been told; whatever comes later is ignored). Only a certain "not started" leads back
 * from sent to waiting.
 */
export class Flight {
  readonly invocation: Invocation;
  readonly key: EnvironmentKeyText;
  /** Workers that refused it since it last waited. */
  readonly refusedBy = new Set<WorkerConnection>();
  /** Its place among those who wait. Drawn once: who is refused comes back to it. */
  ticket: Ticket | undefined;
  /** Monotonic time. */
  sentMs = Number.NEGATIVE_INFINITY;
  /** Monotonic time at which the outcome counts as unknown. Set when sent. */
  dueMs = Number.POSITIVE_INFINITY;
  #state: 'waiting' | 'sent' | 'landed' = 'waiting';
  /** Of its response, how much has come in parts. */
  #partsBytes = 0;
  readonly #resolve: (completion: Completion) => void;
  readonly #reject: (error: LambentError) => void;

  constructor(
    invocation: Invocation,
    resolve: (completion: Completion) => void,
    reject: (error: LambentError) => void,
  ) {
    if (!invocation.spec.key) throw new TypeError('an invocation needs the key of its environment');
    this.invocation = invocation;
    this.key = environmentKeyText(invocation.spec.key);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get partsBytes(): number {
    return this.#partsBytes;
  }

  get state(): 'waiting' | 'sent' | 'landed' {
    return this.#state;
  }

  sent(nowMs: number): void {
    this.#state = 'sent';
    this.sentMs = nowMs;
    this.dueMs = nowMs + this.invocation.spec.timeoutMs + ANSWER_GRACE_MS;
  }

  returned(): void {
    this.#state = 'waiting';
    this.dueMs = Number.POSITIVE_INFINITY;
  }

  /** A part of the response. Gives back a promise while its caller wants no more. */
  part({ payload, contentType }: ResponsePart): Promise<void> | undefined {
    const { sink } = this.invocation;
    if (!sink || this.#state !== 'sent') return undefined;
    if (contentType !== '') sink.begin(contentType);
    this.#partsBytes += payload.length;
    return payload.length > 0 ? sink.part(payload) : undefined;
  }

  land(completion: Completion): void {
    if (this.#state === 'landed') return;
    this.#state = 'landed';
    this.#resolve(completion);
  }

  crash(error: LambentError): void {
    if (this.#state === 'landed') return;
    this.#state = 'landed';
    this.#reject(error);
  }
}

/** Who drew the lower number came first. */
export interface Ticket {
  readonly number: number;
  /** Monotonic time. */
  readonly sinceMs: number;
}

/**
 * What a worker may take beyond the function's own timeout before its answer is given up: a suppressed init, the
 * reaping of a process that hangs, and the way back.
 */
const ANSWER_GRACE_MS = QUOTAS.initMs + 10_000;
