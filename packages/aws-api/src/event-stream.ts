import assert from 'node:assert/strict';
import { EventStreamCodec } from '@smithy/core/event-streams';
import type { NormalizedSchema } from '@smithy/core/schema';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import { compileJsonWriter } from './json-writer.ts';

type Event = Readonly<Record<string, unknown>>;

interface EventWriter {
  readonly contentType: string;
  readonly body: (event: Event) => Uint8Array;
}

const NOTHING = new Uint8Array();

/** Writes what a handler yields, a union with one member each, as AWS's framed event stream. */
export function compileEventStreamWriter(
  union: NormalizedSchema,
): (events: AsyncIterable<Event>) => AsyncIterable<Uint8Array> {
  const writers = new Map([...union.structIterator()].map(([name, event]) => [name, compileEvent(event)]));
  const codec = new EventStreamCodec(toUtf8, fromUtf8);
  return async function* frames(events) {
    for await (const union of events) {
      const [type, event] = Object.entries(union).find(([, value]) => value !== undefined) ?? [];
      const writer = writers.get(type ?? '');
      assert(type !== undefined && writer, `${type} is no event of the stream`);
      const headers = {
        ':event-type': { type: 'string', value: type },
        ':content-type': { type: 'string', value: writer.contentType },
        ':message-type': { type: 'string', value: 'event' },
      } as const;
      yield codec.encode({ headers, body: writer.body(event as Event) });
    }
  };
}

/** An event is JSON, or one member of it is the frame's whole payload. */
function compileEvent(schema: NormalizedSchema): EventWriter {
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits();
    assert(!traits.eventHeader, 'event headers are not written yet');
    if (traits.eventPayload && member.isBlobSchema())
      return {
        contentType: 'application/octet-stream',
        body: event => (event[name] as Uint8Array | undefined) ?? NOTHING,
      };
  }
  return { contentType: 'application/json', body: compileJsonWriter(schema) };
}
