import { fail, isFailure, type LambentError, tlsTrouble } from '@lambent/core';

/** What etcd3 and gRPC throw, in the words of the registry. */
export function fromEtcdError(error: unknown): LambentError {
  if (isFailure(error)) return error;
  return fail('registry-unavailable', { detail: detailOf((error as Error).message) }, { cause: error });
}

/** What grpc-js says of a connection that was never made, around the reason and often a time. */
const NEVER_MADE =
  /^14 UNAVAILABLE: No connection established\. Last error: (?:Error: )?(.*?)(?: \(\S+Z\))?\. Resolution note: $/s;
/** The reasons that say little to who operates a cluster, as they begin. */
const REASONS: readonly (readonly [string, string])[] = [
  [
    'Failed to connect',
    "it ended the connection at once: it does not trust this member's certificate, or only one of them speaks TLS",
  ],
  [
    'Client network socket disconnected',
    "it does not speak TLS, or does not trust this member's certificate",
  ],
  ['4 DEADLINE_EXCEEDED', 'no answer in time'],
  ['Protocol error', 'what listens there is not etcd'],
];

function detailOf(message: string): string {
  const reason = NEVER_MADE.exec(message)?.[1]?.trim() ?? message;
  const [, known] = REASONS.find(([beginning]) => reason.startsWith(beginning)) ?? [];
  return known ?? tlsTrouble(reason);
}

/** gRPC's numbers of what is not an answer of the cluster but one member's silence or trouble. */
const OUTAGES: ReadonlySet<number> = new Set([
  1, // Cancelled
  2, // Unknown
  4, // Deadline exceeded
  8, // Resource exhausted
  10, // Aborted
  13, // Internal
  14, // Unavailable
]);

/** Another member may do better. */
export function isOutage(error: unknown): boolean {
  // Errors of calls have lost their number on the way through etcd3, but not the text that begins with it.
  const [, code] = /^(\d+) [A-Z_]+: /.exec((error as Error).message) ?? [];
  return OUTAGES.has(Number(code)) || isFailure(error, 'registry-unavailable');
}

/**
 * There was no connection it could have been sent on. These are gRPC's own words for want of a status that says so;
 * should they change, such a transaction is `unknown` instead of asked of the next member.
 */
export function wasNeverSent(error: unknown): boolean {
  return /No connection established|Name resolution failed|Channel closed before call started/.test(
    (error as Error).message,
  );
}

/** The lease of a put or a revocation is gone: the cluster's own answer, nothing was written. */
export function isLeaseGone(error: unknown): boolean {
  return /requested lease not found/.test((error as Error).message);
}

/** A lease of this id was granted before. */
export function isLeaseTaken(error: unknown): boolean {
  return /lease already exists/.test((error as Error).message);
}
