import { AwsError } from '@lambent/aws-api';
import { type Clock, DeadlineExceeded, fail } from '@lambent/core';
import type { GatewayMetrics } from '../gateway-metrics.ts';
import { toAwsError } from '../lambda/to-aws-error.ts';
import type { Call, CallAnswer, Door } from './call.ts';
import type { CallRules, InvokeOperation } from './call-rules.ts';
import type { Calls } from './calls.ts';

export interface ReceptionOptions {
  readonly door: Door;
  readonly calls: Calls;
  readonly rules: CallRules;
  readonly metrics: GatewayMetrics;
  readonly clock: Clock;
  /** Trouble of our own that a client was told of as a ServiceException: somebody has to look at it. */
  onTrouble(error: unknown, requestId: string): void;
}

/**
 * What a door without an AWS server in front of it does around each call: it bounds them, checks them as AWS's
 * front door would, counts them, and stops waiting when the caller does.
 */
export class Reception {
  readonly #options: ReceptionOptions;
  #calls = 0;
  #bytes = 0;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /**
   * Answers the call that `read` makes of what came; a refusal of that is one like any other. Rejects with what the
   * caller is to be told, always an `AwsError`.
   */
  async answer(operation: InvokeOperation, read: () => Call): Promise<CallAnswer> {
    const { door, clock, metrics, rules } = this.#options;
    const startedMs = clock.monotonicMs();
    let call: Call | undefined;
    let status = 500;
    try {
      call = read();
      const answer = await untilAborted(this.#admit(operation, call), call.signal);
      status = answer.statusCode;
      return answer;
    } catch (error) {
      const refusal = this.#refusalOf(error, call);
      ({ status } = await rules.write(refusal));
      throw refusal;
    } finally {
      metrics.invoked({ door, status, durationMs: clock.monotonicMs() - startedMs });
    }
  }

  /** Holds its place until there is an outcome, even if nobody waits for that any more. */
  async #admit(operation: InvokeOperation, call: Call): Promise<CallAnswer> {
    const bytes = call.payload?.length ?? 0;
    if (this.#calls >= CALLS_MAX) throw this.#full(CALLS_MAX);
    if (this.#bytes + bytes > PAYLOADS_BYTES_MAX) throw this.#full(PAYLOADS_BYTES_MAX);
    this.#calls += 1;
    this.#bytes += bytes;
    try {
      await this.#options.rules.check(operation, call);
      return await this.#options.calls.answer(call);
    } finally {
      this.#calls -= 1;
      this.#bytes -= bytes;
    }
  }

  #full(max: number): Error {
    return fail('queue-full', { queue: `calls over ${this.#options.door}`, max });
  }

  #refusalOf(error: unknown, call: Call | undefined): AwsError {
    const { requestId = '', signal } = call ?? {};
    if (error instanceof DeadlineExceeded) return TOO_LATE;
    // The door is closed while the function may run.
    const cause = signal?.aborted && error === signal.reason ? fail('outcome-unknown', { requestId }) : error;
    const refusal =
      toAwsError(cause) ??
      new AwsError('ServiceException', 'The service encountered an internal error.', { cause });
    // Of a caller that is not waited for any more, that its call then failed is no news.
    if (refusal.name === 'ServiceException' && !signal?.aborted) this.#options.onTrouble(error, requestId);
    return refusal;
  }
}

/** Four times what an AWS account may have in flight, and one door of one gateway is not all there is. */
export const CALLS_MAX = 4_096;
/** Of the events of calls that are being answered: as much as the HTTP door holds of bodies. */
const PAYLOADS_BYTES_MAX = 512 * 1_024 * 1_024;

/** AWS has no such refusal: over HTTP whoever has waited enough hangs up. */
const TOO_LATE = new AwsError(
  'RequestTimeoutException',
  "The call's deadline passed. What had not started by then does not start.",
);

/** As `answered`, but rejects with the signal's reason as soon as it is aborted. */
async function untilAborted<T>(answered: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([answered, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
