import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogOutbox } from './log-outbox.ts';

test('records of a group are in one batch, numbered, until it is full or on its way', () => {
  const outbox = new LogOutbox({ writer: 'w', maxBytes: 1_000_000 });
  append(outbox, 'a', 3);
  const first = outbox.head('a');
  assert.deepEqual([first?.writer, first?.first, first?.lines.length], ['w.1', 0, 3]);
  append(outbox, 'a', 2);
  assert.equal(first?.lines.length, 3, 'what may be under way does not change');
  outbox.sent('a', first);
  assert.deepEqual([outbox.head('a')?.first, outbox.head('a')?.lines.length, outbox.end('a')], [3, 2, 5]);
});

test('what was sent takes no room, and only groups that wait are named', () => {
  const outbox = new LogOutbox({ writer: 'w', maxBytes: 1_000_000 });
  append(outbox, 'a', 1);
  append(outbox, 'b', 1);
  assert.deepEqual(outbox.waiting(), ['a', 'b']);
  for (const group of ['a', 'b']) {
    const batch = outbox.head(group);
    assert(batch);
    outbox.sent(group, batch);
  }
  assert.deepEqual([outbox.waiting(), outbox.bytes], [[], 0]);
});

test('a group that floods drops its own oldest, and leaves a gap in the numbers', () => {
  const outbox = new LogOutbox({ writer: 'w', maxBytes: 400_000 });
  append(outbox, 'quiet', 1);
  append(outbox, 'floods', 1_000);
  assert.ok(outbox.bytes <= 110_000, `${outbox.bytes} bytes`);
  assert.equal(outbox.head('quiet')?.first, 0);
  assert.ok((outbox.head('floods')?.first ?? 0) > 800);
});

test('when all groups together are too much the fullest drops first', () => {
  const outbox = new LogOutbox({ writer: 'w', maxBytes: 400_000 });
  append(outbox, 'small', 10);
  for (const group of ['a', 'b', 'c', 'd', 'e', 'f']) append(outbox, group, 90);
  assert.ok(outbox.bytes <= 400_000, `${outbox.bytes} bytes`);
  assert.equal(outbox.head('small')?.first, 0);
  assert.ok((outbox.head('a')?.first ?? 0) > 0);
});

test('a batch that was dropped while it was under way is not taken for its successor', () => {
  const outbox = new LogOutbox({ writer: 'w', maxBytes: 200_000 });
  append(outbox, 'a', 1);
  const underWay = outbox.head('a');
  assert(underWay);
  append(outbox, 'a', 500);
  const head = outbox.head('a');
  assert.notEqual(head, underWay);
  outbox.sent('a', underWay);
  assert.equal(outbox.head('a'), head);
});

/** Records of about a kilobyte. */
function append(outbox: LogOutbox, group: string, count: number): void {
  for (let index = 0; index < count; index += 1)
    outbox.append(group, { timestampMs: 0, stream: 's', message: 'x'.repeat(1_000) });
}
