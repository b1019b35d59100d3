import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { LayerSpecSchema, OutcomeKind } from '@lambent/contracts';
import { WorkerStage } from './worker-stage.ts';

test('init has a whole core, what comes after the share of its memory', async () => {
  await using stage = await WorkerStage.open();
  await stage.warm(await stage.router('one'));
  assert.deepEqual(stage.sandboxes.programs[0]?.cpu, [1_000, 145]);
  assert.equal(stage.sandboxes.programs[0]?.doorwaysClosed, true);
});

test('the sandbox is planned as the configuration says', async () => {
  await using stage = await WorkerStage.open();
  await stage.warm(await stage.router('one'));
  const [plan] = stage.sandboxes.plans;
  assert.match(plan?.id ?? '', /^[\da-f]{16}$/);
  assert.deepEqual(Object.keys(plan?.mounts ?? {}), ['/var/runtime', '/var/task']);
  assert.equal(plan?.memoryMb, 256);
  assert.equal(plan?.ephemeralStorageMb, 512);
  assert.deepEqual(plan?.doorways, {});
  assert.equal(plan?.environment['AWS_LAMBDA_FUNCTION_NAME'], 'hello');
});

test('layers are mounted beside the code', async () => {
  await using stage = await WorkerStage.open();
  const { codeSha256, codeBytes } = stage.spec;
  stage.spec.layers.push(create(LayerSpecSchema, { codeSha256, codeBytes }));
  await stage.warm(await stage.router('one'));
  const { mounts } = stage.sandboxes.plans[0] ?? {};
  // The same package, which is there once.
  assert.equal(mounts?.['/opt'], mounts?.['/var/task']);
  assert.ok(mounts?.['/opt']?.endsWith(codeSha256));
});

test('the event carries what its caller said, and the deadline as wall time', async () => {
  await using stage = await WorkerStage.open();
  const router = await stage.router('one');
  await stage.warm(router);
  const nowMs = stage.clock.nowMs();
  router.invoke('r1', { traceHeader: 'Root=1', clientContext: '{"c":1}', invokedArn: 'arn:f:PROD' });
  await router.result('r1');
  const [event] = stage.sandboxes.programs[0]?.events ?? [];
  assert.deepEqual(
    { ...event, payload: undefined },
    {
      requestId: 'r1',
      payload: undefined,
      deadlineEpochMs: nowMs + 3_000,
      invokedFunctionArn: 'arn:f:PROD',
      traceHeader: 'Root=1',
      clientContext: '{"c":1}',
    },
  );
});

test('a result waits a moment for the rest, and no longer', async () => {
  await using stage = await WorkerStage.open({ restless: true });
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('r1');
  await stage.pass(1);
  assert.equal(router.all('result').length, 0);
  await stage.pass(1);
  assert.equal((await router.result('r1')).vacancy?.idle, 0);
  stage.sandboxes.programs[0]?.rest();
  await stage.pass(10);
  assert.equal(router.vacancy, 1);
});

test('a runtime that never asks again is ended by the timeout of its invocation', async () => {
  await using stage = await WorkerStage.open({ restless: true });
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('r1');
  await stage.pass(2_999);
  assert.equal((await router.result('r1')).outcome, OutcomeKind.OK);
  assert.equal(stage.sandboxes.programs[0]?.removed, false);
  await stage.pass(1);
  assert.equal(stage.sandboxes.programs[0]?.removed, true);
});

test('a process that leaves right behind its answer is not idle afterwards', async () => {
  await using stage = await WorkerStage.open({
    invoke: (event, program) => {
      program.exit({ status: 0, outOfMemory: false });
      return { kind: 'response', payload: event.payload };
    },
  });
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('r1');
  assert.equal((await router.result('r1')).outcome, OutcomeKind.OK);
  await stage.pass(10);
  assert.equal(router.vacancy, 0);
  assert.equal(stage.sandboxes.programs[0]?.removed, true);
});

test('only the first invocation is billed an init', async () => {
  await using stage = await WorkerStage.open({ init: 'hang' });
  const router = await stage.router('one');
  stage.start(1);
  await stage.until('the process', () => stage.sandboxes.programs[0]?.cpu.length === 1);
  await stage.pass(120);
  stage.sandboxes.programs[0]?.becomeReady();
  await stage.pass(10);
  for (const [requestId, initMs] of [
    ['r1', 120],
    ['r2', 0],
  ] as const) {
    router.invoke(requestId);
    assert.equal((await router.result(requestId)).metering?.initMs, initMs);
  }
});
