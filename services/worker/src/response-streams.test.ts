import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { type PartTaken, PartTakenSchema, RESPONSE_WINDOW_BYTES } from '@lambent/contracts';
import { ResponseStreams } from './response-streams.ts';
import type { ToRouter } from './router-door.ts';

const PART = new Uint8Array(RESPONSE_WINDOW_BYTES / 2);

function open() {
  const sent: ToRouter[] = [];
  const streams = new ResponseStreams({ send: (_routerId, message) => sent.push(message) > 0 });
  return { streams, sent, sink: streams.open('request', 'router') };
}

const taken = (bytes: number): PartTaken => create(PartTakenSchema, { requestId: 'request', bytes });

test('of a response a window is sent ahead, and then as much as was taken', async () => {
  const { streams, sent, sink } = open();
  sink.begin('text/plain');
  assert.equal(sink.part(PART), undefined);
  const full = sink.part(PART);
  assert.ok(full);
  assert.equal(sent.length, 3);
  streams.taken('somebody else', taken(PART.length));
  streams.taken('router', taken(1));
  await full;
  assert.ok(sink.part(PART));
  assert.equal(streams.close('request'), 3 * PART.length);
});

test('a function whose reader has left is not held up, and is not sent for', async () => {
  const { streams, sent, sink } = open();
  void sink.part(PART);
  const full = sink.part(PART);
  streams.left('another');
  streams.left('router');
  await full;
  assert.equal(sink.part(PART), undefined);
  assert.equal(sent.length, 2);
  assert.equal(streams.close('request'), 3 * PART.length);
});

test('a response that is over holds nobody up', async () => {
  const { streams, sink } = open();
  void sink.part(PART);
  const full = sink.part(PART);
  assert.equal(streams.close('request'), 2 * PART.length);
  await full;
});

test('what was given whole has no parts', () => {
  const { streams } = open();
  assert.equal(streams.close('request'), 0);
  assert.equal(streams.close('request'), 0);
});
