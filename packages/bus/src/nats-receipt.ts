import assert from 'node:assert/strict';

/** What a delivered message's subject to answer to says of it. */
export interface NatsReceipt {
  /** In its stream. */
  readonly sequence: number;
  readonly deliveryCount: number;
  /** By the broker's wall clock. */
  readonly storedAtMs: number;
}

const PARTS = 9;
const NANOS_PER_MS = 1_000_000;

/**
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<stored, ns>.<pending>`; newer servers
 * put a domain and an account after `ACK`, and a token last.
 */
export function parseReceipt(subject: string | undefined): NatsReceipt {
  const parts = subject?.split('.') ?? [];
  assert(parts[0] === '$JS' && parts[1] === 'ACK' && parts.length >= PARTS, `${subject} is no receipt`);
  const from = parts.length === PARTS ? 4 : 6;
  const numberAt = (at: number) => Number(parts[from + at]);
  return {
    deliveryCount: numberAt(0),
    sequence: numberAt(1),
    storedAtMs: Math.ceil(numberAt(3) / NANOS_PER_MS),
  };
}
