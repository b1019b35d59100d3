/**
 * The errors that any AWS service may answer and no service's schemas declare: its status and the case of the one
 * member it has. None of them carries a `Type`.
 */
export const COMMON_ERRORS: Readonly<
  Record<string, { readonly status: number; readonly messageKey: 'message' | 'Message' }>
> = {
  AccessDeniedException: { status: 403, messageKey: 'Message' },
  ExpiredTokenException: { status: 403, messageKey: 'message' },
  IncompleteSignatureException: { status: 403, messageKey: 'message' },
  InvalidSignatureException: { status: 403, messageKey: 'message' },
  MissingAuthenticationTokenException: { status: 403, messageKey: 'message' },
  InternalFailure: { status: 500, messageKey: 'message' },
  /** Lambent's own: the operation is AWS's, and is not here yet. */
  NotImplementedException: { status: 501, messageKey: 'message' },
  RequestEntityTooLargeException: { status: 413, messageKey: 'Message' },
  RequestExpired: { status: 400, messageKey: 'message' },
  /** Lambent's own: AWS drops such a connection without a word. */
  RequestTimeoutException: { status: 408, messageKey: 'message' },
  SerializationException: { status: 400, messageKey: 'Message' },
  ServiceUnavailableException: { status: 503, messageKey: 'message' },
  ThrottlingException: { status: 400, messageKey: 'message' },
  UnknownOperationException: { status: 400, messageKey: 'message' },
  UnrecognizedClientException: { status: 403, messageKey: 'message' },
  ValidationException: { status: 400, messageKey: 'message' },
};
