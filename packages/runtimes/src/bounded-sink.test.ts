import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedSink } from './bounded-sink.ts';

test('a response in parts is passed on up to its bound, and then only counted', () => {
  const taken: string[] = [];
  const sink = new BoundedSink(
    { begin: () => {}, part: bytes => void taken.push(Buffer.from(bytes).toString()) },
    5,
  );
  void sink.part(Buffer.from('abc'));
  void sink.part(Buffer.from('de'));
  assert.equal(sink.isOver, false);
  void sink.part(Buffer.from('f'));
  void sink.part(Buffer.from('gh'));
  assert.equal(sink.isOver, true);
  assert.deepEqual([taken, sink.bytes, sink.maxBytes], [['abc', 'de'], 8, 5]);
});
