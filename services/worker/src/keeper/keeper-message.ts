/** What the kept process says to its keeper: kill me and all I started unless I say this again within that time. */
export interface Renewal {
  /** A duration, which starts when the message arrives: the two need not agree on any clock. */
  readonly deadlineInMs: number;
}

/** The longest time that a timer can wait. */
export const DEADLINE_MAX_MS = 2 ** 31 - 1;

export function isRenewal(message: unknown): message is Renewal {
  if (typeof message !== 'object' || message === null || !('deadlineInMs' in message)) return false;
  const { deadlineInMs } = message;
  return typeof deadlineInMs === 'number' && deadlineInMs >= 0 && deadlineInMs <= DEADLINE_MAX_MS;
}
