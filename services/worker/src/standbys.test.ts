import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InitFailure, RestoreFailure } from '@lambent/runtimes';
import type { WorkerConfig } from './config.ts';
import type { Script } from './scripted-runtime.ts';
import { WorkerStage } from './worker-stage.ts';

const SNAP_START = { snapStart: true };

/** A worker with one environment of a function with SnapStart that stands by. */
async function openStage(script: Script = {}, config: Partial<WorkerConfig> = {}) {
  await using opening = new AsyncDisposableStack();
  const stage = opening.use(await WorkerStage.open(script, config));
  const router = await stage.router('one');
  stage.start(1, SNAP_START);
  await stage.until('the first', () => stage.sandboxes.programs.length === 1);
  await stage.pass(1_000);
  const owned = opening.move();
  return { stage, router, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const live = ({ sandboxes }: WorkerStage) => sandboxes.programs.filter(program => !program.removed);

test('the first call restores the one that stands by, and another is made behind it', async () => {
  await using opened = await openStage();
  const { stage, router } = opened;
  const [program] = stage.sandboxes.programs;
  assert.equal(program?.restored, 0);
  assert.equal(router.vacancy, 1);
  router.invoke('r1');
  await router.result('r1');
  assert.equal(program?.restored, 1);
  await stage.until('the next', () => stage.idle === 2);
  assert.equal(stage.sandboxes.programs[1]?.restored, 0);
});

test('who was used before is taken first, and is restored once', async () => {
  await using opened = await openStage();
  const { stage, router } = opened;
  for (const requestId of ['r1', 'r2', 'r3']) {
    router.invoke(requestId);
    await router.result(requestId);
    await stage.pass(1_000);
  }
  assert.deepEqual(
    stage.sandboxes.programs.map(({ restored, events }) => [restored, events.length]),
    [
      [1, 3],
      [0, 0],
    ],
  );
});

test('each step of growth takes one and leaves one', async () => {
  await using opened = await openStage({ invoke: () => 'hang' }, { memoryMb: 2_048 });
  const { stage, router } = opened;
  for (const calls of [1, 2, 3]) {
    router.invoke(`r${calls}`);
    await stage.until('one more', () => live(stage).length === calls + 1);
    await stage.pass(200);
    assert.equal(stage.holding?.busy, calls);
    assert.equal(stage.holding?.idle, 1);
  }
});

test('it uses no slot, and wants none', async () => {
  await using opened = await openStage();
  const { stage, router } = opened;
  router.invoke('r1');
  await router.result('r1');
  await stage.until('the next', () => stage.idle === 2);
  await stage.pass(30_000);
  const [pool] = stage.reports.at(-1)?.limits ?? [];
  assert.deepEqual([pool?.used, pool?.wanted], [0, 0]);
});

test('its variables are those of AWS: the kind of start, and no place of the log', async () => {
  await using opened = await openStage();
  const environment = opened.stage.sandboxes.plans[0]?.environment ?? {};
  assert.equal(environment['AWS_LAMBDA_INITIALIZATION_TYPE'], 'snap-start');
  assert.equal(environment['AWS_LAMBDA_LOG_GROUP_NAME'], undefined);
  assert.equal(environment['AWS_LAMBDA_LOG_STREAM_NAME'], undefined);
});

test('the log tells of the init when it ends, and of restoring with the first call', async () => {
  await using opened = await openStage();
  const { stage, router } = opened;
  const { records } = stage.logs;
  assert.match(records[0] ?? '', /^INIT_START Runtime Version: nodejs:24\.21\.0\t/);
  assert.match(records[1] ?? '', /^INIT_REPORT Init Duration: \d+\.\d\d ms\t$/);
  records.length = 0;
  router.invoke('r1');
  const { metering } = await router.result('r1');
  await stage.until('the REPORT line', () => records.some(line => line.startsWith('REPORT')));
  const own = records.filter(line => !line.startsWith('INIT_'));
  assert.match(own[0] ?? '', /^RESTORE_START Runtime Version: nodejs:24\.21\.0\tRuntime Version ARN: arn:/);
  assert.equal(own[1], 'RESTORE_REPORT Restore Duration: 0.00 ms\t');
  assert.equal(own[2], 'START RequestId: r1 Version: $LATEST');
  assert.match(own[4] ?? '', /\tRestore Duration: 0\.00 ms\tBilled Restore Duration: 0 ms\t$/);
  assert.doesNotMatch(own[4] ?? '', /Init Duration/);
  assert.equal(metering?.initMs, 0);
});

test('a hook that raises is the outcome of the call, and its environment goes', async () => {
  const payload = Buffer.from('{"errorMessage":"not now"}');
  await using opened = await openStage({ restore: new RestoreFailure(payload) });
  const { stage, router } = opened;
  router.invoke('r1');
  const result = await router.result('r1');
  assert.equal(result.errorType, 'Runtime.AfterRestoreError');
  assert.deepEqual(Buffer.from(result.payload), payload);
  assert.equal(stage.sandboxes.programs[0]?.removed, true);
  assert.ok(stage.logs.records.some(line => /^RESTORE_REPORT .*Status: error/.test(line)));
});

test('restoring has ten seconds, whatever time the function has', async () => {
  await using opened = await openStage({ restore: 'hang' });
  const { stage, router } = opened;
  router.invoke('r1');
  await stage.pass(9_000);
  assert.equal(router.all('result').length, 0);
  await stage.pass(2_000);
  assert.equal((await router.result('r1')).errorType, 'Sandbox.RestoreTimedout');
});

test('an init that failed is repeated within the call, with its hooks', async () => {
  await using opened = await openStage({ init: new InitFailure('Runtime.Broken', Buffer.from('{}')) });
  const { stage, router } = opened;
  stage.sandboxes.play({});
  router.invoke('r1');
  assert.equal((await router.result('r1')).errorType, '');
  assert.equal(stage.sandboxes.programs[1]?.restored, 1);
});

test('time alone does not end it', async () => {
  await using opened = await openStage({}, { keepAliveMs: 1_000 });
  const { stage } = opened;
  await stage.pass(500_000);
  assert.equal(live(stage).length, 1);
});

test('of a version that is not there any more none stands by for long', async () => {
  await using opened = await openStage();
  const { stage } = opened;
  await stage.pass(601_000);
  await stage.until('it is gone', () => live(stage).length === 0);
});

test('it is the first to go when somebody needs memory', async () => {
  await using opened = await openStage({}, { memoryMb: 512 });
  const { stage } = opened;
  stage.start(1, stage.other('function-2'));
  await stage.until('the other', () => stage.idle === 2);
  await stage.pass(1_000);
  stage.start(1, stage.other('function-3'));
  await stage.until('the third', () => stage.sandboxes.programs.length === 3);
  assert.deepEqual(
    stage.sandboxes.programs.map(({ removed }) => removed),
    [true, false, false],
  );
});

test('all together have a quarter of the memory: for the next one the oldest goes', async () => {
  await using opened = await openStage({}, { memoryMb: 1_024 });
  const { stage, router } = opened;
  router.invoke('r1');
  await router.result('r1');
  await stage.until('the next', () => stage.idle === 2);
  stage.start(1, { ...stage.other('function-2'), ...SNAP_START });
  await stage.until('the other', () => stage.sandboxes.programs.length === 3);
  await stage.pass(1_000);
  assert.deepEqual(
    stage.sandboxes.programs.map(({ removed }) => removed),
    [false, true, false],
  );
});

test('one that would take more than that is not made', async () => {
  await using opened = await openStage({}, { memoryMb: 768 });
  const { stage, router } = opened;
  router.invoke('r1');
  await router.result('r1');
  await stage.pass(5_000);
  assert.equal(stage.sandboxes.programs.length, 1);
});
