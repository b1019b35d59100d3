/**
 * The operating errors of Lambent, in one table. A function's own failure is an `Outcome`, never one of these; a
 * programmer's error is an assertion. What leaves over HTTP, gRPC or NATS is translated at that border.
 */

/** The sixteen categories of gRPC that are not OK. */
export type Code =
  | 'cancelled'
  | 'unknown'
  | 'invalid-argument'
  | 'deadline-exceeded'
  | 'not-found'
  | 'already-exists'
  | 'permission-denied'
  | 'resource-exhausted'
  | 'failed-precondition'
  | 'aborted'
  | 'out-of-range'
  | 'unimplemented'
  | 'internal'
  | 'unavailable'
  | 'data-loss'
  | 'unauthenticated';

/** Who may try again: nobody, the same member, or another member. The router obeys this and nothing else. */
export type Retry = 'never' | 'same' | 'elsewhere';

interface Row {
  readonly code: Code;
  readonly retry: Retry;
  readonly message: string;
}

/** One row per reason. `{name}` in a message is replaced by the field of that name. docs/errors.md explains each. */
export const ERRORS = {
  'certificate-invalid': {
    code: 'failed-precondition',
    retry: 'never',
    message: 'the certificate {file} cannot be used: {detail}',
  },
  'broker-unavailable': {
    code: 'unavailable',
    retry: 'same',
    message: 'the message broker does not answer: {detail}',
  },
  'broker-unfit': {
    code: 'failed-precondition',
    retry: 'never',
    message: 'the message broker cannot be used: {detail}',
  },
  'cluster-mismatch': {
    code: 'failed-precondition',
    retry: 'never',
    message: '{place} belongs to another cluster, {found}; this one is {own}',
  },
  'code-corrupt': {
    code: 'data-loss',
    retry: 'elsewhere',
    message: 'the code package {digest} does not match its digest',
  },
  'code-missing': { code: 'not-found', retry: 'elsewhere', message: 'no code package {digest} is stored' },
  'code-invalid': {
    code: 'invalid-argument',
    retry: 'never',
    message: 'the code package is refused: {detail}',
  },
  'code-too-large': {
    code: 'invalid-argument',
    retry: 'never',
    message: 'the code package unpacks to more than {maxBytes} bytes',
  },
  'config-invalid': {
    code: 'invalid-argument',
    retry: 'never',
    message: 'the setting {name} is not valid: {detail}',
  },
  'configuration-stale': {
    code: 'aborted',
    retry: 'same',
    message: 'revision {revision} of the function is no longer started',
  },
  'data-locked': {
    code: 'failed-precondition',
    retry: 'never',
    message: 'another Lambent runs on the data directory {directory}',
  },
  draining: { code: 'unavailable', retry: 'elsewhere', message: '{member} is draining' },
  'engine-failed': {
    code: 'unavailable',
    retry: 'same',
    message: '{program} did not start: {detail}',
  },
  'engine-missing': {
    code: 'failed-precondition',
    retry: 'never',
    message: '{wanted} or newer are needed; {detail}. Run: {remedy}',
  },
  'environment-failed': {
    code: 'internal',
    retry: 'elsewhere',
    message: 'the environment could not be made: {detail}',
  },
  'limit-reached': {
    code: 'resource-exhausted',
    retry: 'never',
    message: 'the {limit} concurrency limit is reached',
  },
  'link-broken': { code: 'unavailable', retry: 'same', message: 'the stream to {peer} broke: {detail}' },
  'machine-cannot-confine': {
    code: 'failed-precondition',
    retry: 'never',
    message: 'this machine cannot confine functions: {detail}',
  },
  'no-capacity': {
    code: 'unavailable',
    retry: 'elsewhere',
    message: 'no worker could take the invocation in time',
  },
  'no-placement': { code: 'unavailable', retry: 'elsewhere', message: 'no placement service answers' },
  'outcome-unknown': {
    code: 'unknown',
    retry: 'never',
    message: 'the outcome of invocation {requestId} is unknown',
  },
  'payload-too-large': {
    code: 'invalid-argument',
    retry: 'never',
    message: 'a message of {bytes} bytes exceeds {maxBytes}',
  },
  'peer-absent': { code: 'unavailable', retry: 'same', message: 'nobody listens at {peer}: {detail}' },
  'queue-full': {
    code: 'resource-exhausted',
    retry: 'never',
    message: 'the queue {queue} holds its most, {max}',
  },
  'record-unreadable': {
    code: 'data-loss',
    retry: 'never',
    message: 'what is stored under {key} cannot be read',
  },
  'registry-compacted': {
    code: 'out-of-range',
    retry: 'never',
    message: 'revision {revision} is compacted; the oldest kept is {oldest}',
  },
  'registry-unavailable': {
    code: 'unavailable',
    retry: 'same',
    message: 'the registry does not answer: {detail}',
  },
  'registry-unfit': {
    code: 'failed-precondition',
    retry: 'never',
    message: 'the registry at {url} is etcd {version}; {oldest} or newer is needed',
  },
  'request-timeout': {
    code: 'deadline-exceeded',
    retry: 'never',
    message: 'no answer to {subject} within {timeoutMs} ms',
  },
  'runtime-missing': {
    code: 'failed-precondition',
    retry: 'elsewhere',
    message: 'no worker has the runtime {runtime}',
  },
  'scaling-too-fast': {
    code: 'resource-exhausted',
    retry: 'never',
    message: 'the function grows faster than it may',
  },
  'storage-failed': { code: 'unavailable', retry: 'same', message: 'the store failed: {detail}' },
  'worker-id-taken': {
    code: 'already-exists',
    retry: 'never',
    message: 'another worker has the identity of this one: {detail}',
  },
} as const satisfies Record<string, Row>;

export type Reason = keyof typeof ERRORS;
export type Fields = Readonly<Record<string, string | number | boolean>>;

export class LambentError extends Error {
  override readonly name = 'LambentError';
  readonly reason: Reason;
  readonly code: Code;
  readonly retry: Retry;
  readonly fields: Fields;

  constructor(reason: Reason, fields: Fields, options?: { cause?: unknown }) {
    const row = ERRORS[reason];
    super(
      row.message.replace(/\{(\w+)\}/g, (_, field: string) => String(fields[field] ?? `{${field}}`)),
      options,
    );
    this.reason = reason;
    this.code = row.code;
    this.retry = row.retry;
    this.fields = fields;
  }
}

/** Makes the error of one row: `throw fail('draining', { member })`. */
export function fail(reason: Reason, fields: Fields = {}, options?: { cause?: unknown }): LambentError {
  return new LambentError(reason, fields, options);
}

/** Whether `error` is the operating error `reason` (or any, when none is named). */
export function isFailure(error: unknown, reason?: Reason): error is LambentError {
  return error instanceof LambentError && (reason === undefined || error.reason === reason);
}
