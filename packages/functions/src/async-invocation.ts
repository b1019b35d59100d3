import { fail } from '@lambent/core';

/**
 * The message of an asynchronous invocation: what gateways put on the queue and events takes from it.
 *
 * The body is the event, byte for byte; everything else is a header, since a queue may be asked for its headers
 * alone. The message's id is the request id for the first attempt and `<request id>/<attempt>` for later ones: the
 * queue drops a repeated id, and a retry must not be dropped.
 */
export interface AsyncInvocation {
  readonly requestId: string;
  /** The function as it was when the event was accepted; one made again under the name gets no old events. */
  readonly functionId: string;
  readonly name: string;
  /** As the caller gave it; absent for $LATEST unnamed. */
  readonly qualifier?: string;
  readonly invokedArn: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** The gateway's wall time when it accepted the first attempt. For people: how old the event is the queue tells. */
  readonly firstAcceptedAtMs: number;
  readonly traceHeader?: string;
  /** Decoded JSON text. */
  readonly clientContext?: string;
  readonly tenantId?: string;
  readonly payload: Uint8Array;
}

export interface AsyncInvocationMessage {
  readonly id: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export function encodeAsyncInvocation(invocation: AsyncInvocation): AsyncInvocationMessage {
  const { requestId, attempt, qualifier, traceHeader, clientContext, tenantId } = invocation;
  return {
    id: attempt === 1 ? requestId : `${requestId}/${attempt}`,
    body: invocation.payload,
    headers: {
      'request-id': requestId,
      'function-id': invocation.functionId,
      'function-name': invocation.name,
      'invoked-arn': invocation.invokedArn,
      attempt: String(attempt),
      'first-accepted-at-ms': String(invocation.firstAcceptedAtMs),
      ...(qualifier !== undefined && { qualifier }),
      ...(traceHeader !== undefined && { 'trace-header': traceHeader }),
      // Any character may stand in it, but not in a header.
      ...(clientContext !== undefined && { 'client-context': Buffer.from(clientContext).toString('base64') }),
      // It may begin or end with blanks, which a header loses.
      ...(tenantId !== undefined && { 'tenant-id': Buffer.from(tenantId).toString('base64') }),
    },
  };
}

/** Fails with `record-unreadable` for what no gateway wrote. */
export function decodeAsyncInvocation(message: AsyncInvocationMessage): AsyncInvocation {
  const { headers } = message;
  const required = (name: string): string => {
    const value = headers[name];
    if (value === undefined)
      throw fail('record-unreadable', { key: `message ${message.id}, header ${name}` });
    return value;
  };
  const count = (name: string): number => {
    const value = Number(required(name));
    if (!Number.isSafeInteger(value) || value < 0)
      throw fail('record-unreadable', { key: `message ${message.id}, header ${name}` });
    return value;
  };
  const qualifier = headers['qualifier'];
  const traceHeader = headers['trace-header'];
  const clientContext = headers['client-context'];
  const tenantId = headers['tenant-id'];
  return {
    requestId: required('request-id'),
    functionId: required('function-id'),
    name: required('function-name'),
    invokedArn: required('invoked-arn'),
    attempt: count('attempt'),
    firstAcceptedAtMs: count('first-accepted-at-ms'),
    ...(qualifier !== undefined && { qualifier }),
    ...(traceHeader !== undefined && { traceHeader }),
    ...(clientContext !== undefined && { clientContext: Buffer.from(clientContext, 'base64').toString() }),
    ...(tenantId !== undefined && { tenantId: Buffer.from(tenantId, 'base64').toString() }),
    payload: message.body,
  };
}
