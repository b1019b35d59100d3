/** What the kept process says to its keeper: kill me and all I started then, unless I say this again before. */
export interface Renewal {
  /**
   * By the machine's monotonic clock, which both read. A duration would begin anew when the message arrives, however long
   * its sender was stopped before it sent it.
   */
  readonly untilMs: number;
}

export function isRenewal(message: unknown): message is Renewal {
  if (typeof message !== 'object' || message === null || !('untilMs' in message)) return false;
  return typeof message.untilMs === 'number' && Number.isFinite(message.untilMs);
}
