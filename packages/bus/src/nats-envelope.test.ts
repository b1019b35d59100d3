import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MsgHdrsImpl, headers as makeHeaders } from '@nats-io/nats-core';
import { envelopeOf, parseEnvelope, toNatsMessage } from './nats-envelope.ts';

test('an envelope comes through the wire with any text in it, as one header', () => {
  const envelope = { id: ' a\r\nb ', headers: { 'Nats-Rollup': 'all', ü: '\u0000"' }, enqueuedAtMs: 1.5 };
  const message = toNatsMessage(JSON.stringify(envelope));
  assert(message instanceof MsgHdrsImpl);
  const received = MsgHdrsImpl.decode(message.encode());
  assert.equal([...received].length, 1);
  assert.deepEqual(parseEnvelope(envelopeOf(received), 7), envelope);
});

test('a message without a readable envelope has an id all the same', () => {
  for (const text of [envelopeOf(undefined), envelopeOf(makeHeaders()), '{'])
    assert.deepEqual(parseEnvelope(text, 7), { id: 'sequence-7', headers: {} });
});
