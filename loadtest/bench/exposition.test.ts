import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { metricIn } from './exposition.ts';

const TEXT = `# HELP handled_total Calls.
# TYPE handled_total counter
handled_total{code="OK",method="Txn"} 17
handled_total{code="OK",method="Range"} 75
handled_total{code="Unknown",method="Txn"} 2
handled_total_created 1
waiting 3
bytes 1.5e+06 1700000000
odd{path="/a}b"} 4
`;

describe('a metric read from a text', () => {
  test('is the sum of all series of its name', () => {
    assert.equal(metricIn(TEXT, 'handled_total'), 94);
    assert.equal(metricIn(TEXT, 'waiting'), 3);
  });

  test('is the sum of those that have every label asked for', () => {
    assert.equal(metricIn(TEXT, 'handled_total', { method: 'Txn' }), 19);
    assert.equal(metricIn(TEXT, 'handled_total', { method: 'Txn', code: 'OK' }), 17);
  });

  test('is 0 where there is none', () => {
    assert.equal(metricIn(TEXT, 'handled'), 0);
    assert.equal(metricIn(TEXT, 'handled_total', { method: 'Put' }), 0);
  });

  test('may have an exponent, a time and braces in a label', () => {
    assert.equal(metricIn(TEXT, 'bytes'), 1_500_000);
    assert.equal(metricIn(TEXT, 'odd'), 4);
  });
});
