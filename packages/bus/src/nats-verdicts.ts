/** What the broker is told about a delivery. */
export const NATS_VERDICTS = {
  done: '+ACK',
  again: '-NAK',
  inProgress: '+WPI',
} as const;

export function againAfter(delayMs: number): string {
  return `-NAK ${JSON.stringify({ delay: Math.ceil(delayMs * 1e6) })}`;
}
