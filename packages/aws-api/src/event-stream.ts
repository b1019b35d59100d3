import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { EventStreamCodec } from '@smithy/core/event-streams';
import type { NormalizedSchema } from '@smithy/core/schema';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import { compileJsonWriter } from './json-writer.ts';

type Event = Readonly<Record<string, unknown>>;

interface EventWriter {
  /** As they are sent. */
  readonly headers: Uint8Array;
  readonly body: (event: Event) => Uint8Array;
}

const NOTHING = new Uint8Array();

/**
 * Writes what a handler yields, a union with one member each, as AWS's framed event stream: a message is its head, its
 * payload as it is, and a sum over both.
 */
export function compileEventStreamWriter(
  union: NormalizedSchema,
): (events: AsyncIterable<Event>) => AsyncIterable<Uint8Array> {
  const writers = new Map(
    [...union.structIterator()].map(([name, event]) => [name, compileEvent(name, event)]),
  );
  return async function* frames(events) {
    for await (const union of events) {
      const [type, event] = Object.entries(union).find(([, value]) => value !== undefined) ?? [];
      const writer = writers.get(type ?? '');
      assert(type !== undefined && writer, `${type} is no event of the stream`);
      const body = writer.body(event as Event);
      const head = headOf(writer.headers, body.length);
      yield head;
      if (body.length > 0) yield body;
      const sum = Buffer.allocUnsafe(SUM_BYTES);
      sum.writeUInt32BE(crc32(body, crc32(head)));
      yield sum;
    }
  };
}

const SUM_BYTES = 4;
/** Length of the message, length of its headers, and a sum over both. */
const PRELUDE_BYTES = 12;

function headOf(headers: Uint8Array, bodyBytes: number): Buffer {
  const head = Buffer.allocUnsafe(PRELUDE_BYTES + headers.length);
  head.writeUInt32BE(head.length + bodyBytes + SUM_BYTES, 0);
  head.writeUInt32BE(headers.length, 4);
  head.writeUInt32BE(crc32(head.subarray(0, 8)), 8);
  head.set(headers, PRELUDE_BYTES);
  return head;
}

/** An event is JSON, or one member of it is the frame's whole payload. */
function compileEvent(type: string, schema: NormalizedSchema): EventWriter {
  const codec = new EventStreamCodec(toUtf8, fromUtf8);
  const headersWith = (contentType: string) =>
    codec.formatHeaders({
      ':event-type': { type: 'string', value: type },
      ':content-type': { type: 'string', value: contentType },
      ':message-type': { type: 'string', value: 'event' },
    });
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits();
    assert(!traits.eventHeader, 'event headers are not written yet');
    if (traits.eventPayload && member.isBlobSchema())
      return {
        headers: headersWith('application/octet-stream'),
        body: event => (event[name] as Uint8Array | undefined) ?? NOTHING,
      };
  }
  return { headers: headersWith('application/json'), body: compileJsonWriter(schema) };
}
