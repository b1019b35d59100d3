import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { AwsError } from '@lambent/aws-api';

/**
 * AWS's errors as statuses of gRPC. Clients try again by themselves on UNAVAILABLE only, so nothing stands there
 * that may have run. docs/invoking.md has this table.
 */
export const GRPC_STATUSES: Readonly<Record<string, status>> = {
  AccessDeniedException: status.PERMISSION_DENIED,
  InvalidParameterValueException: status.INVALID_ARGUMENT,
  InvalidRequestContentException: status.INVALID_ARGUMENT,
  // The machine that has the runtime may still come; the caller cannot make it.
  InvalidRuntimeException: status.FAILED_PRECONDITION,
  // Never RESOURCE_EXHAUSTED, which says that later it may fit.
  RequestEntityTooLargeException: status.INVALID_ARGUMENT,
  RequestTimeoutException: status.DEADLINE_EXCEEDED,
  ResourceConflictException: status.ABORTED,
  ResourceNotFoundException: status.NOT_FOUND,
  ServiceException: status.INTERNAL,
  ServiceUnavailableException: status.UNAVAILABLE,
  TooManyRequestsException: status.RESOURCE_EXHAUSTED,
  ValidationException: status.INVALID_ARGUMENT,
};

/** Trailers of every refusal. */
export const ERROR_TYPE = 'lambent-error-type';
/** In the metadata of every answer, and among the trailers of every refusal. */
export const REQUEST_ID = 'lambent-request-id';

export function toGrpcStatus(error: AwsError, requestId: string): Partial<ServiceError> {
  const metadata = new Metadata();
  metadata.set(ERROR_TYPE, error.name);
  metadata.set(REQUEST_ID, requestId);
  const code = GRPC_STATUSES[error.name] ?? status.INTERNAL;
  return { code, details: shortened(error.message), metadata };
}

/**
 * AWS's messages repeat what they refuse. gRPC sends a message among the trailers, percent-encoded, where clients
 * take no more than 8 KB: what is longer would break the call instead of explaining it.
 */
const DETAILS_BYTES_MAX = 1_024;

/** Leaves out the middle: the reason stands at the end. */
function shortened(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= DETAILS_BYTES_MAX) return message;
  const head = bytes.subarray(0, DETAILS_BYTES_MAX / 2).toString();
  const tail = bytes.subarray(-DETAILS_BYTES_MAX / 2).toString();
  // Characters that were cut in two are left out as well.
  return `${head.replace(/\ufffd+$/, '')}…${tail.replace(/^\ufffd+/, '')}`;
}
