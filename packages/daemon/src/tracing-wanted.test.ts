import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tracingWanted } from './tracing-wanted.ts';

test('tracing is wanted when an exporter or a collector is named and nothing says no', () => {
  assert.equal(tracingWanted({}), false);
  assert.equal(tracingWanted({ OTEL_TRACES_EXPORTER: 'console' }), true);
  assert.equal(tracingWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }), true);
  assert.equal(tracingWanted({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318' }), true);
  assert.equal(
    tracingWanted({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }),
    false,
  );
  assert.equal(tracingWanted({ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'console' }), false);
});
