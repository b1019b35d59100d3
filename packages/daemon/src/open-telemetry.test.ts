import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SimulatedClock } from '@lambent/core';
import { METRIC_FUNCTIONS_MAX } from './bounded-labels.ts';
import { openTelemetry } from './open-telemetry.ts';

const run = promisify(execFile);
const INCOMING = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function open(env: NodeJS.ProcessEnv = {}) {
  return openTelemetry({ serviceName: 'test', env, clock: new SimulatedClock() });
}

/** Tracing registers itself with its process, so each case has one of its own. */
async function traced(script: string, env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  const source = `
    import { SystemClock } from '@lambent/core';
    import { openTelemetry } from '${import.meta.resolve('./open-telemetry.ts')}';
    const telemetry = await openTelemetry({ serviceName: 'test', env: process.env, clock: new SystemClock() });
    ${script}
    await telemetry[Symbol.asyncDispose]();`;
  return run(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    env: { ...process.env, ...env },
  });
}

test('counters, histograms and gauges are read as Prometheus text', async () => {
  await using telemetry = await open();
  telemetry.counter('lambent_invocations', 'Invocations that ended.').add(2, { function: 'hello' });
  telemetry
    .histogram('lambent_run_seconds', 'How long functions ran.', 's')
    .record(0.3, { function: 'hello' });
  telemetry.gauge('lambent_idle', 'Idle environments.', () => 7);
  telemetry.gauge('lambent_waiting', 'Events that wait.', () => 1, { partition: 0 });
  telemetry.gauge('lambent_waiting', 'Events that wait.', () => 2, { partition: 1 });
  const text = await telemetry.exposition();
  assert.match(text, /^# HELP lambent_invocations_total Invocations that ended\.$/m);
  assert.match(text, /^lambent_invocations_total\{function="hello"\} 2$/m);
  assert.match(text, /^lambent_run_seconds_bucket\{function="hello",le="0\.25"\} 0$/m);
  assert.match(text, /^lambent_run_seconds_bucket\{function="hello",le="0\.5"\} 1$/m);
  assert.match(text, /^lambent_idle 7$/m);
  assert.match(text, /^lambent_waiting\{partition="0"\} 1$/m);
  assert.match(text, /^lambent_waiting\{partition="1"\} 2$/m);
});

test('past the bound further functions are counted as other', async () => {
  await using telemetry = await open();
  const counter = telemetry.counter('lambent_invocations', 'Invocations that ended.');
  for (let index = 0; index < METRIC_FUNCTIONS_MAX + 5; index++) counter.add(1, { function: `f${index}` });
  const text = await telemetry.exposition();
  assert.match(text, /^lambent_invocations_total\{function="other"\} 5$/m);
  assert.equal(text.match(/^lambent_invocations_total\{/gm)?.length, METRIC_FUNCTIONS_MAX + 1);
});

test('with tracing off every span is the same one, and continues nothing', async () => {
  await using telemetry = await open();
  assert.equal(telemetry.tracing, false);
  const span = telemetry.startSpan('invoke', { traceparent: INCOMING });
  assert.equal(span.traceparent(), '');
  assert.equal(span, telemetry.startSpan('another'));
});

test('a second disposal waits for the first', async () => {
  const telemetry = await open();
  await Promise.all([telemetry[Symbol.asyncDispose](), telemetry[Symbol.asyncDispose]()]);
});

test('with tracing on a span continues the trace it is given and is exported', async () => {
  const { stdout } = await traced(
    `const span = telemetry.startSpan('invoke', { traceparent: '${INCOMING}', kind: 'server', attributes: { 'faas.name': 'hello' } });
     span.fail('Sandbox.Timedout');
     span.end();
     process.stdout.write('continued as ' + span.traceparent() + '\\n');`,
    { OTEL_TRACES_EXPORTER: 'console' },
  );
  assert.match(stdout, /traceId: '0af7651916cd43dd8448eb211c80319c'/);
  assert.match(stdout, /'faas\.name': 'hello'/);
  assert.match(stdout, /'error\.type': 'Sandbox\.Timedout'/);
  assert.match(stdout, /continued as 00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[\da-f]{16}-01/);
});

test('a caller that does not sample is not sampled here either', async () => {
  const { stdout } = await traced(
    `const span = telemetry.startSpan('invoke', { traceparent: '${INCOMING.replace(/01$/, '00')}' });
     span.end();
     process.stdout.write(span.traceparent());`,
    { OTEL_TRACES_EXPORTER: 'console' },
  );
  assert.match(stdout, /^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-00$/);
});
