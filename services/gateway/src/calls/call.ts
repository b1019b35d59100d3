import type { Outcome, ResponseSink } from '@lambent/core';
import type { TraceInput } from '../trace-context.ts';

/** The ways into a gateway. */
export type Door = 'http' | 'grpc' | 'nats';

/** A request to invoke a function, as it came through some door: nothing of it is checked yet. */
export interface Call {
  readonly door: Door;
  readonly requestId: string;
  /** A name, a partial ARN or an ARN. */
  readonly functionName: string | undefined;
  readonly qualifier: string | undefined;
  readonly type: InvocationType;
  /** Nothing, or no bytes, is an empty event. */
  readonly payload: Uint8Array | undefined;
  /** Base64 of JSON, as `X-Amz-Client-Context` is. */
  readonly clientContext: string | undefined;
  /** Whose environments are to run it; nothing, or none, for functions that do not keep tenants apart. */
  readonly tenantId?: string | undefined;
  readonly logTail: boolean;
  /** Takes the response while the function writes it. */
  readonly sink?: CallSink;
  readonly trace: TraceInput;
  /** Aborted when nobody waits for the answer any more: what has not started then never does. */
  readonly signal: AbortSignal;
  /** Told `X-Amzn-Trace-Id` as soon as there is one, for answers and for refusals alike. */
  traced(header: string): void;
}

export interface CallSink extends ResponseSink {
  /** Which version is about to run; the last word before the response begins counts. */
  running(executedVersion: string): void;
}

export type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';

/** What AWS says over HTTP, whatever the door. */
export type CallAnswer = RunAnswer | { readonly statusCode: 202 | 204 };

export interface RunAnswer {
  readonly statusCode: 200;
  readonly outcome: Outcome;
  /** The number, or $LATEST. */
  readonly executedVersion: string;
  /** Of a call that did not ask for it, nothing. */
  readonly logTail: Uint8Array | undefined;
}

/** What AWS calls every failure of a function; what kind it was stands in the payload. */
export const FUNCTION_ERROR = 'Unhandled';
