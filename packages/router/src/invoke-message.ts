import { create } from '@bufbuild/protobuf';
import { type Invoke, InvokeSchema } from '@lambent/contracts';
import type { Flight } from './flight.ts';

/** What a worker is sent of an invocation: all but the configuration, which the environment already has. */
export function invokeMessage({ invocation }: Flight, limitId: string): Invoke {
  return create(InvokeSchema, {
    requestId: invocation.requestId,
    ...(invocation.spec.key && { key: invocation.spec.key }),
    remainingMs: invocation.spec.timeoutMs,
    payload: invocation.payload as Uint8Array<ArrayBuffer>,
    invokedArn: invocation.invokedArn,
    traceHeader: invocation.traceHeader ?? '',
    traceparent: invocation.traceparent ?? '',
    clientContext: invocation.clientContext ?? '',
    attempt: invocation.attempt,
    kind: invocation.kind,
    logTail: invocation.logTail,
    inParts: invocation.sink !== undefined,
    limitId,
  });
}
