import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('what is parsed is formatted to the same text', () => {
  const parent = parseTraceparent(SAMPLED);
  assert.deepEqual(parent, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    sampled: true,
  });
  assert.equal(formatTraceparent(parent), SAMPLED);
});

test('a later version may carry more, and its other flags are ignored', () => {
  const parent = parseTraceparent('cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02-what-comes');
  assert.equal(parent?.sampled, false);
});

test('what the recommendation forbids is ignored', () => {
  for (const wrong of [
    '',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    `${SAMPLED}-more`,
  ])
    assert.equal(parseTraceparent(wrong), undefined, wrong);
});
