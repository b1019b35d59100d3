import { AwsError } from '@lambent/aws-api';
import { isFailure, type LambentError, type Reason } from '@lambent/core';

/** What leaves towards a client of Lambda. Undefined: not an operating error, so a bug of ours. */
export function toAwsError(error: unknown): AwsError | undefined {
  if (error instanceof AwsError) return error;
  return isFailure(error) ? (TRANSLATIONS[error.reason]?.(error) ?? serviceException(error)) : undefined;
}

type Translate = (error: LambentError) => AwsError;

/** Reasons that are not here are our own trouble: ServiceException, which SDKs try again. */
const TRANSLATIONS: Readonly<Partial<Record<Reason, Translate>>> = {
  'limit-reached': cause =>
    throttled(
      cause.fields['limit'] === 'reserved'
        ? 'ReservedFunctionConcurrentInvocationLimitExceeded'
        : 'ConcurrentInvocationLimitExceeded',
      cause,
    ),
  'scaling-too-fast': cause => throttled('FunctionInvocationRateLimitExceeded', cause),
  // Too many wait already, here or on the queue; it is the same to the caller as being too fast.
  'queue-full': cause => throttled('FunctionInvocationRateLimitExceeded', cause),
  // Certain not to have started, and soon over: SDKs try a 503 again by themselves.
  'no-capacity': cause => unavailable('No worker could take the invocation in time.', cause),
  'no-placement': cause => unavailable('No placement service answers.', cause),
  draining: cause => unavailable('The service is shutting down.', cause),
  'configuration-stale': cause => unavailable('The function is being updated.', cause),
  'runtime-missing': cause =>
    new AwsError('InvalidRuntimeException', `No worker has the runtime ${cause.fields['runtime']}.`, {
      cause,
    }),
  // It may have run: only the caller knows whether it may run again.
  'outcome-unknown': cause =>
    new AwsError(
      'ServiceException',
      `The outcome of the invocation ${cause.fields['requestId']} is unknown.`,
      {
        cause,
      },
    ),
  'code-invalid': cause =>
    new AwsError(
      'InvalidParameterValueException',
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
      { cause },
    ),
  'code-too-large': cause =>
    new AwsError(
      'InvalidParameterValueException',
      `Unzipped size must be smaller than ${cause.fields['maxBytes']} bytes`,
      { cause },
    ),
  'payload-too-large': cause =>
    new AwsError(
      'RequestEntityTooLargeException',
      `Request must be smaller than ${cause.fields['maxBytes']} bytes for the InvokeFunction operation`,
      { cause },
    ),
};

/** A slot is free again as soon as something ends; a second is AWS's own shortest advice. */
const RETRY_AFTER_SECONDS = '1';

function throttled(reason: string, cause: unknown): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    fields: { Reason: reason, retryAfterSeconds: RETRY_AFTER_SECONDS },
    cause,
  });
}

function unavailable(message: string, cause: unknown): AwsError {
  return new AwsError('ServiceUnavailableException', message, { cause });
}

function serviceException(cause: LambentError): AwsError {
  return new AwsError('ServiceException', 'The service encountered an internal error.', { cause });
}
