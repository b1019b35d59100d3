import type { Answer } from './protocol.ts';

/**
 * What AWS's front door says to a path or a method that names no operation. It is XML whatever the service speaks,
 * since it does not know the service either; the header is ours, for clients that read only that.
 */
export const UNKNOWN_OPERATION: Answer = {
  status: 403,
  headers: { 'Content-Type': 'text/xml', 'x-amzn-ErrorType': 'AccessDeniedException' },
  body: `<AccessDeniedException>
  <Message>Unable to determine service/operation name to be authorized</Message>
</AccessDeniedException>
`,
};
