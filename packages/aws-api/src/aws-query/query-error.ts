import type { AwsError } from '../aws-error.ts';
import type { Answer } from '../protocol.ts';
import type { Schemas } from '../schemas.ts';
import { compileXmlWriter, structure } from './query-writer.ts';

export const XML_TYPE = 'text/xml';

/** What any service may answer, under the names it has in this protocol. */
const COMMON: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  AccessDeniedException: { code: 'AccessDenied', status: 403 },
  ExpiredTokenException: { code: 'ExpiredToken', status: 403 },
  IncompleteSignatureException: { code: 'IncompleteSignature', status: 400 },
  InternalFailure: { code: 'InternalFailure', status: 500 },
  InvalidAction: { code: 'InvalidAction', status: 400 },
  InvalidSignatureException: { code: 'SignatureDoesNotMatch', status: 403 },
  MissingAction: { code: 'MissingAction', status: 400 },
  MissingAuthenticationTokenException: { code: 'MissingAuthenticationToken', status: 403 },
  NotImplementedException: { code: 'NotImplemented', status: 501 },
  RequestEntityTooLargeException: { code: 'RequestEntityTooLarge', status: 413 },
  RequestExpired: { code: 'RequestExpired', status: 400 },
  RequestTimeoutException: { code: 'RequestTimeout', status: 408 },
  SerializationException: { code: 'MalformedInput', status: 400 },
  ServiceUnavailableException: { code: 'ServiceUnavailable', status: 503 },
  ThrottlingException: { code: 'Throttling', status: 400 },
  UnrecognizedClientException: { code: 'InvalidClientTokenId', status: 403 },
  ValidationException: { code: 'ValidationError', status: 400 },
};

const ERROR = structure('Error', { Type: undefined, Code: undefined, Message: undefined });
const RESPONSE = structure('ErrorResponse', { Error: ERROR, RequestId: undefined });

/** Undefined for an error that is neither the service's nor common to all. */
export function compileErrors(
  { errors }: Schemas,
  { namespace }: { namespace: string },
): (error: AwsError, requestId: string) => Answer | undefined {
  const write = compileXmlWriter(RESPONSE, { namespace });
  return (error, requestId) => {
    const common = Object.hasOwn(COMMON, error.name) ? COMMON[error.name] : undefined;
    const known = errors.get(error.name) ?? common;
    if (!known) return undefined;
    const { code: Code, status } = known;
    const Type = status < 500 ? 'Sender' : 'Receiver';
    const body = write({ Error: { Type, Code, Message: error.wireMessage }, RequestId: requestId });
    return { status, headers: { 'Content-Type': XML_TYPE, ...error.headers }, body };
  };
}
