import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceKindOf } from './source-kind.ts';

test('what a source is, its ARN says', () => {
  const kinds: readonly (readonly [string, string | undefined])[] = [
    ['sqs:us-east-1:000000000000:q', 'sqs'],
    ['sqs:us-east-1:000000000000:q.fifo', 'sqs-fifo'],
    ['kinesis:us-east-1:000000000000:stream/s', 'kinesis'],
    ['kinesis:us-east-1:000000000000:stream/s/consumer/c:1', 'kinesis'],
    ['kinesis:us-east-1:000000000000:s', undefined],
    ['dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000', 'dynamodb'],
    ['dynamodb:us-east-1:000000000000:table/t', undefined],
    ['kafka:us-east-1:000000000000:cluster/c/1', 'managed-kafka'],
    ['mq:us-east-1:000000000000:broker:b:1', 'mq'],
    ['rds:us-east-1:000000000000:cluster:c', 'documentdb'],
    ['rds:us-east-1:000000000000:db:d', undefined],
    ['sns:us-east-1:000000000000:t', undefined],
  ];
  for (const [arn, kind] of kinds)
    assert.equal(sourceKindOf({ EventSourceArn: `arn:aws:${arn}` }), kind, arn);
});

test("a cluster of one's own has no ARN beside it, and nothing is no source", () => {
  assert.equal(sourceKindOf({ SelfManagedEventSource: {} }), 'self-managed-kafka');
  assert.equal(
    sourceKindOf({ SelfManagedEventSource: {}, EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q' }),
    undefined,
  );
  assert.equal(sourceKindOf({}), undefined);
});
