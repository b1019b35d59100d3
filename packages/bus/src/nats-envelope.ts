import { type MsgHdrs, headers as makeHeaders } from '@nats-io/nats-core';
import type { Headers } from './bus.ts';

/** What a message of a queue carries besides its body. */
export interface NatsEnvelope {
  readonly id: string;
  readonly headers: Headers;
  /** Absent on the first of its line: then the broker's own time of it counts. */
  readonly enqueuedAtMs?: number;
  /** Of the message that this one carries on. */
  readonly deliveries?: number;
  /** What is left of a delay that is longer than the longest step. */
  readonly waitMs?: number;
}

/**
 * One header holds it all as JSON, which is one line whatever the text in it; headers of the user's under their own
 * names could be taken by the broker for its instructions.
 */
const ENVELOPE = 'Lambent-Message';
/** What the broker writes of a message besides envelope and body: subject, id, place, checksum. */
const OVERHEAD_BYTES = 150;

export function toNatsMessage(envelope: string): MsgHdrs {
  const headers = makeHeaders();
  headers.set(ENVELOPE, envelope);
  return headers;
}

/** As JSON; empty on a message that somebody else put in the stream. */
export function envelopeOf(headers: MsgHdrs | undefined): string {
  return headers?.get(ENVELOPE) ?? '';
}

/** A message without an envelope is handed out all the same. */
export function parseEnvelope(envelope: string, sequence: number): NatsEnvelope {
  const stranger = { id: `sequence-${sequence}`, headers: {} };
  if (envelope === '') return stranger;
  try {
    return JSON.parse(envelope) as NatsEnvelope;
  } catch {
    // Whoever reads the body will not know it either, and says so under this id.
    return stranger;
  }
}

/** About what a message takes of its stream. */
export function storedBytes(envelope: string, body: Uint8Array): number {
  return Buffer.byteLength(envelope) + body.byteLength + OVERHEAD_BYTES;
}
