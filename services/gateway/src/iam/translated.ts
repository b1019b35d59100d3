import { AwsError, type Handler } from '@lambent/aws-api';
import { isFailure } from '@lambent/core';

/** Trouble of our own is told as what any service of AWS says of its own, which SDKs try again. */
export function translated<T extends object>(handlers: T): T {
  const entries = Object.entries(handlers as Readonly<Record<string, Handler<unknown, unknown>>>);
  return Object.fromEntries(
    entries.map(([name, handler]) => [
      name,
      (...call: Parameters<typeof handler>) =>
        handler(...call).catch(cause => {
          if (!isFailure(cause)) throw cause;
          throw new AwsError('ServiceUnavailableException', 'The service cannot answer now.', { cause });
        }),
    ]),
  ) as T;
}
