/**
 * How long a worker remembers an invocation after its end. Far longer than a router needs to come back, whose stream
 * is given up after 5 s of silence.
 */
export const RUN_REMEMBERED_MS = 30_000;

/**
 * A worker that says that it never saw an invocation may have forgotten it, unless the invocation was sent this
 * recently. Shorter than the above by more than two clocks can run apart: what was sent within it cannot have ended
 * longer ago.
 */
export const NEVER_SEEN_BELIEVED_MS = 25_000;
