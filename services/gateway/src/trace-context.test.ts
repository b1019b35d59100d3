import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { nullTelemetry, type SpanOptions } from '@lambent/daemon';
import { beginTrace, traceInputOf } from './trace-context.ts';

const AWS =
  'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1|68fd508a:5';
const W3C = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OWN = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';

/** Traces: every span continues as `OWN`. */
function begin(headers: IncomingHttpHeaders) {
  const asked: (SpanOptions | undefined)[] = [];
  const silent = nullTelemetry();
  const telemetry = {
    ...silent,
    tracing: true,
    startSpan: (name: string, options?: SpanOptions) => {
      asked.push(options);
      return { ...silent.startSpan(name), traceparent: () => OWN };
    },
  };
  const trace = beginTrace(traceInputOf(headers), {
    telemetry,
    clock: new SimulatedClock(),
    random: new SeededRandom(1),
  });
  return { header: trace.header, parent: asked[0]?.traceparent };
}

test("the gateway's span continues W3C's trace, or AWS's where there is only that", () => {
  assert.equal(begin({ traceparent: W3C, 'x-amzn-trace-id': AWS }).parent, W3C);
  assert.equal(
    begin({ 'x-amzn-trace-id': AWS }).parent,
    '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01',
  );
});

test("the function is told of the gateway's span, and keeps the lineage", () => {
  assert.equal(
    begin({ 'x-amzn-trace-id': AWS }).header,
    'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=00f067aa0ba902b7;Sampled=1;Lineage=a87bd80c:1|68fd508a:5',
  );
});
