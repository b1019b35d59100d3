import assert from 'node:assert/strict';
import type { Bus, Delivery, Queue, QueueMessage } from '@lambent/bus';

export const REDELIVER_AFTER_MS = 5_000;
/** A pull that is meant to find something. */
export const WAIT_MS = 60_000;

export function openQueue(
  { bus, pace }: { readonly bus: Bus; readonly pace: number },
  options: { readonly name?: string; readonly maxMessages?: number } = {},
): Promise<Queue> {
  const { name = 'queue', maxMessages = 1_000 } = options;
  return bus.openQueue(name, { maxMessages, redeliverAfterMs: REDELIVER_AFTER_MS * pace });
}

export function message(id: string): QueueMessage {
  return { id, body: bytes(id), headers: {} };
}

export async function enqueueAll(queue: Queue, messageIds: readonly string[]): Promise<void> {
  for (const id of messageIds) await queue.enqueue(message(id));
}

export async function pullOne(queue: Queue): Promise<Delivery> {
  const [delivery] = await queue.pull({ max: 1, waitMs: WAIT_MS });
  assert.ok(delivery);
  return delivery;
}

/** What is there to be delivered now. */
export async function pullIds(queue: Queue): Promise<string[]> {
  return ids(await queue.pull({ max: 100, waitMs: 0 }));
}

export function ids(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(delivery => delivery.id);
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
