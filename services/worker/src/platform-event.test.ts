import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonLine, type PlatformEvent, textLine } from './platform-event.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const REPORT = {
  type: 'report',
  requestId: 'id',
  status: 'success',
  durationMs: 2.9,
  billedMs: 3,
  memoryMb: 128,
  maxMemoryMb: 36,
} as const;

const TEXTS: readonly [event: PlatformEvent, line: string | undefined][] = [
  [{ type: 'start', requestId: 'id', version: '$LATEST' }, 'START RequestId: id Version: $LATEST'],
  [{ type: 'end', requestId: 'id', status: 'success', durationMs: 1, producedBytes: 2 }, 'END RequestId: id'],
  [
    { ...REPORT, initMs: 110.1 },
    'REPORT RequestId: id\tDuration: 2.90 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t',
  ],
  [
    { ...REPORT, status: 'timeout' },
    'REPORT RequestId: id\tDuration: 2.90 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tStatus: timeout\t',
  ],
  [
    { ...REPORT, status: 'error', errorType: 'Runtime.ExitError' },
    'REPORT RequestId: id\tDuration: 2.90 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tStatus: error\tError Type: Runtime.ExitError\t',
  ],
  [
    { type: 'fault', requestId: 'id', fault: { kind: 'timeout', timeoutMs: 3_000 } },
    '2026-01-02T03:04:05.006Z id Task timed out after 3.00 seconds',
  ],
  [
    {
      type: 'fault',
      requestId: 'id',
      fault: { kind: 'exit', message: 'Runtime exited', errorType: 'Runtime.ExitError' },
    },
    'RequestId: id Error: Runtime exited\nRuntime.ExitError',
  ],
  [
    {
      type: 'initReport',
      initializationType: 'on-demand',
      phase: 'init',
      status: 'error',
      errorType: 'Runtime.X',
      durationMs: 12.345,
    },
    'INIT_REPORT Init Duration: 12.35 ms\tPhase: init\tStatus: error\tError Type: Runtime.X\t',
  ],
  [
    { type: 'initReport', initializationType: 'on-demand', phase: 'init', status: 'success', durationMs: 1 },
    undefined,
  ],
  [
    {
      type: 'initStart',
      initializationType: 'on-demand',
      runtimeVersion: 'nodejs:24',
      runtimeVersionArn: 'arn:x',
      functionName: 'f',
      functionVersion: '1',
    },
    'INIT_START Runtime Version: nodejs:24\tRuntime Version ARN: arn:x',
  ],
];

for (const [event, line] of TEXTS)
  test(`the text of ${event.type}${'status' in event ? `, ${event.status}` : ''} is AWS's`, () =>
    assert.equal(textLine(event, NOW_MS), line));

test('a JSON report has the fields of the telemetry schema', () => {
  assert.deepEqual(JSON.parse(jsonLine({ ...REPORT, initMs: 5 }, NOW_MS, '') ?? ''), {
    time: '2026-01-02T03:04:05.006Z',
    type: 'platform.report',
    record: {
      requestId: 'id',
      status: 'success',
      metrics: {
        durationMs: 2.9,
        billedDurationMs: 3,
        memorySizeMB: 128,
        maxMemoryUsedMB: 36,
        initDurationMs: 5,
      },
    },
  });
});

test('the system level decides which records are written', () => {
  const done: PlatformEvent = {
    type: 'end',
    requestId: 'id',
    status: 'success',
    durationMs: 1,
    producedBytes: 2,
  };
  assert.equal(jsonLine(done, NOW_MS, 'INFO'), undefined);
  assert.match(jsonLine(done, NOW_MS, 'DEBUG') ?? '', /platform\.runtimeDone/);
  assert.equal(jsonLine(REPORT, NOW_MS, 'WARN'), undefined);
  assert.match(jsonLine({ ...REPORT, status: 'timeout' }, NOW_MS, 'WARN') ?? '', /"timeout"/);
});
