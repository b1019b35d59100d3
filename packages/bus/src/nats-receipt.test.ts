import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReceipt } from './nats-receipt.ts';

const RECEIPT = { deliveryCount: 3, sequence: 42, storedAtMs: 1_795_457_126_701 };

test('a receipt is read in its old form and in its new one', () => {
  assert.deepEqual(parseReceipt('$JS.ACK.t-q.now.3.42.7.1795457126700076603.2'), RECEIPT);
  assert.deepEqual(parseReceipt('$JS.ACK._.hash.t-q.now.3.42.7.1795457126700076603.2.token'), RECEIPT);
});

test('anything else is no receipt', () => {
  for (const subject of [undefined, '', '_INBOX.abc', '$JS.ACK.t-q.now'])
    assert.throws(() => parseReceipt(subject), /receipt/);
});
