import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { LogFormat, LogSpecSchema, OutcomeKind } from '@lambent/contracts';
import type { Script } from './scripted-runtime.ts';
import { WorkerStage } from './worker-stage.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('a stream is named as AWS names it, one for each environment', async () => {
  await using stage = await WorkerStage.open();
  await stage.warm(await stage.router('one'), 2);
  const [first, second] = stage.logs.streams;
  assert.equal(first?.group, '/aws/lambda/hello');
  assert.match(first?.stream ?? '', /^2023\/11\/14\/\[\$LATEST\][\da-f]{32}$/);
  assert.notEqual(first?.stream, second?.stream);
});

test('an invocation is framed by its lines, whatever way its output came', async () => {
  await using stage = await WorkerStage.open({
    invoke: (event, program) => {
      program.print('by the channel');
      program.stdout.write('by the pipe\n');
      program.stderr.write('half a line');
      return { kind: 'response', payload: event.payload };
    },
  });
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('r1', { logTail: true });
  const { logTail, metering } = await router.result('r1');
  const [initStart, start, ...rest] = stage.logs.records;
  const [end, report] = rest.splice(-2);
  assert.match(
    initStart ?? '',
    /^INIT_START Runtime Version: nodejs:24\.21\.0\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[\da-f]{64}$/,
  );
  assert.equal(start, 'START RequestId: r1 Version: $LATEST');
  assert.deepEqual(rest.toSorted(), ['by the channel', 'by the pipe', 'half a line']);
  assert.equal(end, 'END RequestId: r1');
  assert.match(report ?? '', /^REPORT RequestId: r1\tDuration: 0\.00 ms\tBilled Duration: 1 ms\t/);
  assert.match(report ?? '', /\tMemory Size: 256 MB\tMax Memory Used: 42 MB\t/);
  assert.equal(text(logTail), `${stage.logs.records.slice(1).join('\n')}\n`);
  assert.deepEqual(
    { duration: metering?.durationMs, billed: metering?.billedMs, memory: metering?.maxMemoryMb },
    { duration: 0, billed: 1, memory: 42 },
  );
});

test('a tail is given only to who asked', async () => {
  await using stage = await WorkerStage.open();
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('r1');
  assert.equal((await router.result('r1')).logTail.length, 0);
});

const ENDS: readonly [what: string, script: Script, lines: readonly RegExp[], outcome: OutcomeKind][] = [
  [
    'a timeout',
    { invoke: () => 'hang' },
    [
      /^2023-11-14T[\d:.]+Z r1 Task timed out after 3\.00 seconds$/,
      /^END RequestId: r1$/,
      /\tDuration: 3000\.00 ms\tBilled Duration: 3000 ms\t.*\tStatus: timeout\t$/,
    ],
    OutcomeKind.TIMEOUT,
  ],
  [
    'an exit',
    { invoke: () => ({ status: 7, outOfMemory: false }) },
    [
      /^RequestId: r1 Error: Runtime exited with error: exit status 7\nRuntime\.ExitError$/,
      /^END RequestId: r1$/,
      /\tStatus: error\tError Type: Runtime\.ExitError\t$/,
    ],
    OutcomeKind.UNHANDLED,
  ],
  [
    'an end for want of memory',
    { invoke: () => ({ signal: 'SIGKILL', outOfMemory: true }) },
    [
      /^RequestId: r1 Error: Runtime exited with error: signal: killed\nRuntime\.OutOfMemory$/,
      /^END RequestId: r1$/,
      /\tMax Memory Used: 256 MB\t.*\tError Type: Runtime\.OutOfMemory\t$/,
    ],
    OutcomeKind.OUT_OF_MEMORY,
  ],
];

for (const [what, script, lines, outcome] of ENDS)
  test(`${what} is explained in the log`, async () => {
    await using stage = await WorkerStage.open(script);
    const router = await stage.router('one');
    await stage.warm(router);
    router.invoke('r1');
    await stage.pass(3_000);
    assert.equal((await router.result('r1')).outcome, outcome);
    const written = stage.logs.records.slice(-3);
    for (const [index, line] of lines.entries()) assert.match(written[index] ?? '', line);
  });

test('with the JSON format every platform line is a record', async () => {
  await using stage = await WorkerStage.open();
  const router = await stage.router('one');
  stage.start(1, {
    log: create(LogSpecSchema, { group: 'g', format: LogFormat.JSON, systemLevel: 'DEBUG' }),
  });
  await stage.until('an idle one', () => stage.idle === 1);
  await stage.pass(10);
  router.invoke('r1');
  await router.result('r1');
  assert.deepEqual(
    stage.logs.records.map(record => JSON.parse(record).type),
    [
      'platform.initStart',
      'platform.initReport',
      'platform.start',
      'platform.runtimeDone',
      'platform.report',
    ],
  );
});
