import { fail, isFailure, type LambentError } from '@lambent/core';
import { JetStreamApiError } from '@nats-io/jetstream';
import {
  ClosedConnectionError,
  DrainingConnectionError,
  RequestError,
  TimeoutError,
} from '@nats-io/nats-core';

/** The HTTP-like status with which JetStream says that it cannot for the moment: no leader, no room in its queue. */
const UNAVAILABLE = 503;
/** A message with the same id is on its way into the stream. */
const IN_PROCESS = 10158;
/** By name: the client does not export its class. */
const NO_JETSTREAM = 'JetStreamNotEnabled';

/** What a client of NATS threw, as an operating error: the broker is a store that did not do it. */
export function failureOfNats(error: unknown): LambentError {
  if (isFailure(error)) return error;
  return fail('storage-failed', { detail: `NATS: ${detailOf(error)}` }, { cause: error });
}

/** Whether the same request may succeed in a moment. It may have been carried out already. */
export function isTransient(error: unknown): boolean {
  if (isFailure(error)) return error.retry === 'same';
  if (error instanceof JetStreamApiError) return error.status === UNAVAILABLE || error.code === IN_PROCESS;
  if (error instanceof TimeoutError) return true;
  if (error instanceof RequestError) return error.isNoResponders();
  return error instanceof Error && error.name === NO_JETSTREAM;
}

function detailOf(error: unknown): string {
  if (error instanceof TimeoutError) return 'no answer in time';
  if (error instanceof ClosedConnectionError || error instanceof DrainingConnectionError)
    return 'the connection is closed';
  return error instanceof Error ? error.message : String(error);
}
