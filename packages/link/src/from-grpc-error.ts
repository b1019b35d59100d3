import { fail, type LambentError, tlsTrouble } from '@lambent/core';

/** What grpc-js says of a connection that was never made: around the reason, and without one. */
const NEVER_MADE =
  /^No connection established\. Last error: (?:Error: )?(.*?)(?: \(\S+Z\))?\. Resolution note: $/s;
const NO_REASON = 'Failed to connect';

/** What the kernel of the peer's machine answers where nobody listens. A machine that is gone answers nothing. */
const REFUSED = /^connect ECONNREFUSED /;

/** Whatever grpc-js says of a peer means that it cannot be spoken to now. */
export function fromGrpcError(peer: string, cause: { readonly details: string }): LambentError {
  const detail = detailOf(cause.details);
  return fail(REFUSED.test(detail) ? 'peer-absent' : 'link-broken', { peer, detail }, { cause });
}

function detailOf(details: string): string {
  const reason = NEVER_MADE.exec(details)?.[1]?.trim() ?? details;
  // Node.js ends a TLS connection that it does not trust without saying so.
  return reason === NO_REASON
    ? "it ended the connection at once: it does not trust this member's certificate, or only one of them speaks TLS"
    : tlsTrouble(reason);
}
