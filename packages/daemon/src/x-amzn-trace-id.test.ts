import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import {
  formatXAmznTraceId,
  newXAmznTraceId,
  parseXAmznTraceId,
  traceparentFromXAmznTraceId,
  xAmznTraceIdFromTraceparent,
} from './x-amzn-trace-id.ts';

const HEADER =
  'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0';
const TRACEPARENT = '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01';

test('the header becomes a traceparent and back, and keeps its lineage', () => {
  assert.equal(traceparentFromXAmznTraceId(HEADER), TRACEPARENT);
  assert.equal(xAmznTraceIdFromTraceparent(TRACEPARENT, HEADER), HEADER);
  const next = '00-5759e988bd862e3fe1be46a994272793-aaaaaaaaaaaaaaaa-00';
  assert.equal(
    xAmznTraceIdFromTraceparent(next, HEADER),
    'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=aaaaaaaaaaaaaaaa;Sampled=0;Lineage=1:a87bd80c:0',
  );
});

test('parts in any order, unknown ones and blanks around them are read', () => {
  const trace = parseXAmznTraceId(
    'Self=1-67891234-12456789abcdef012345678; Sampled=0 ;Root=1-5759E988-BD862E3FE1BE46A994272793',
  );
  assert.deepEqual(trace, { traceId: '5759e988bd862e3fe1be46a994272793', sampled: false });
  assert.equal(formatXAmznTraceId(trace), 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0');
});

test('an open sampling decision is neither yes nor no', () => {
  const open = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=?';
  assert.equal(parseXAmznTraceId(open)?.sampled, undefined);
  assert.match(traceparentFromXAmznTraceId(open), /-00$/);
});

test('a header without a root, and a lineage that is none, are dropped', () => {
  assert.equal(parseXAmznTraceId('Parent=53995c3f42cd8ad8'), undefined);
  assert.equal(traceparentFromXAmznTraceId('Root=2-1-1'), '');
  assert.equal(traceparentFromXAmznTraceId('Root=1-5759e988-bd862e3fe1be46a994272793'), '');
  assert.equal(xAmznTraceIdFromTraceparent('nothing'), undefined);
  assert.equal(
    parseXAmznTraceId('Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a\r\nb')?.lineage,
    undefined,
  );
});

test('a new header carries the time and is not sampled', () => {
  const header = newXAmznTraceId(new SimulatedClock({ startMs: 0x5759e988 * 1_000 }), new SeededRandom(1));
  assert.match(header, /^Root=1-5759e988-[\da-f]{24};Parent=[\da-f]{16};Sampled=0$/);
});
