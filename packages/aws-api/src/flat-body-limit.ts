import { AwsError } from './aws-error.ts';
import type { BodyLimits } from './aws-service.ts';

/** One limit for all operations of a service. */
export function flatBodyLimit(maxBytes: number): BodyLimits {
  const refusal = () =>
    new AwsError('RequestEntityTooLargeException', `Request must be smaller than ${maxBytes} bytes`);
  return { otherwise: () => ({ maxBytes, refusal }), byOperation: {} };
}
