import type { EnvironmentSpec, InvocationKind, Metering } from '@lambent/contracts';
import type { Outcome, ResponseSink } from '@lambent/core';

/**
 * The one way to run a function, for gateways and for events.
 *
 * Promises: an invocation starts at most once. It resolves with the outcome of the function's run, whatever that
 * was, and rejects with a `LambentError` only when the platform could not run it (`limit-reached`, `no-capacity`,
 * `no-placement`, `runtime-missing`, `queue-full`: certain not to have started) or cannot say (`outcome-unknown`).
 * Aborting the signal stops waiting; it does not stop a run that began.
 */
export interface Invoker {
  invoke(invocation: Invocation): Promise<Completion>;
}

export interface Invocation {
  readonly requestId: string;
  /** The configuration to run; its key names the environment. */
  readonly spec: EnvironmentSpec;
  readonly payload: Uint8Array;
  /** The ARN as the caller addressed it. */
  readonly invokedArn: string;
  readonly kind: InvocationKind;
  /** 1 for the first. */
  readonly attempt: number;
  readonly logTail: boolean;
  /** Takes the response while the function writes it; the outcome's payload then is what follows the last part. */
  readonly sink?: ResponseSink;
  readonly traceHeader?: string;
  readonly traceparent?: string;
  /** Decoded JSON text. */
  readonly clientContext?: string;
  readonly signal?: AbortSignal;
}

export interface Completion {
  readonly outcome: Outcome;
  readonly logTail: Uint8Array;
  readonly metering: Metering | undefined;
}
