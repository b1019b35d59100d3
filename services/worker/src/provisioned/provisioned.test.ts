import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotStartedReason } from '@lambent/contracts';
import { InitFailure } from '@lambent/runtimes';
import type { Script } from '../scripted-runtime.ts';
import { WorkerStage } from '../worker-stage.ts';

const LIMIT = 'function-1:$LATEST';

async function openStage(
  script: Script = {},
  options: { memoryMb?: number; slots?: number; startsMax?: number } = {},
) {
  const { slots = 10, ...config } = options;
  const stage = await WorkerStage.open(script, { slots: 2_000, ...config });
  stage.setLimit(LIMIT, slots);
  return stage;
}

const live = (stage: WorkerStage) => stage.sandboxes.programs.filter(program => !program.removed);

test('what is to be provisioned starts without anybody waiting, with a slot of its own for each', async () => {
  await using stage = await openStage();
  stage.provision(2);
  await stage.until('both', () => stage.idle === 2);
  await stage.pass(1_000);
  assert.equal(stage.grantedOf(LIMIT), 2);
  assert.equal(stage.holding?.provisioned, 2);
  const [plan] = stage.sandboxes.plans;
  assert.equal(plan?.environment['AWS_LAMBDA_INITIALIZATION_TYPE'], 'provisioned-concurrency');
});

test('it takes no more of its slots than it has environments, though a turn or a block would give more', async () => {
  await using stage = await openStage({}, { slots: 100 });
  stage.provision(1);
  await stage.pass(1_000);
  assert.equal(stage.grantedOf(LIMIT), 1);
  stage.provision(3);
  await stage.raise(6, LIMIT);
  await stage.pass(1_000);
  assert.equal(stage.grantedOf(LIMIT), 3);
});

test('a slow init of those to be provisioned leaves room to start what somebody waits for', async () => {
  await using stage = await openStage({ init: 'hang' }, { startsMax: 4, slots: 10 });
  stage.provision(10);
  await stage.pass(2_000);
  assert.equal(stage.holding?.starting, 2);
  stage.start(1, stage.other('function-2'));
  await stage.until('all three', () => live(stage).length === 3);
});

test('it is a level: repeated it starts nothing more, lowered the idle go first and their slots with them', async () => {
  await using stage = await openStage({ invoke: () => 'hang' });
  const router = await stage.router('one');
  for (let repeat = 0; repeat < 3; repeat += 1) stage.provision(3);
  await stage.until('all three', () => stage.idle === 3);
  router.invoke('r1');
  await stage.pass(1_000);
  stage.provision(1);
  await stage.pass(1_000);
  assert.equal(live(stage).length, 1);
  assert.equal(live(stage)[0]?.events.length, 1);
  assert.equal(stage.grantedOf(LIMIT), 1);
});

test('one that ends is replaced', async () => {
  await using stage = await openStage({ invoke: () => ({ status: 1, outOfMemory: false }) });
  const router = await stage.router('one');
  stage.provision(2);
  await stage.until('both', () => stage.idle === 2);
  await stage.pass(1_000);
  router.invoke('r1');
  await router.result('r1');
  await stage.until('the next', () => stage.idle === 2);
  assert.equal(stage.sandboxes.programs.length, 3);
});

test('neither time nor want of memory ends it, and it takes the room of idle ones on demand', async () => {
  await using stage = await openStage({}, { memoryMb: 512 });
  const router = await stage.router('one');
  stage.start(2, stage.other('function-2'));
  await stage.until('both on demand', () => stage.idle === 2);
  stage.provision(2);
  await stage.pass(2_000);
  assert.equal(stage.holding?.provisioned, 2);
  assert.equal(live(stage).length, 2);
  await stage.pass(700_000);
  stage.start(1, stage.other('function-2'));
  await stage.pass(2_000);
  assert.equal(stage.reports.at(-1)?.memoryMbFree, 0n);
  assert.equal(live(stage).length, 2);
  router.invoke('r1');
  assert.equal((await router.result('r1')).errorType, '');
});

test('it is taken before one on demand, and counts against its own limit; what is more, against the pool', async () => {
  await using stage = await openStage({ invoke: () => 'hang' });
  const router = await stage.router('one');
  stage.start(1);
  await stage.until('the one on demand', () => stage.idle === 1);
  stage.provision(1);
  await stage.pass(1_000);
  const used = () => stage.reports.at(-1)?.limits.map(limit => [limit.limitId, limit.used]);
  router.invoke('r1');
  await stage.pass(1_000);
  assert.deepEqual(used(), [
    ['pool', 0],
    [LIMIT, 1],
  ]);
  router.invoke('r2');
  await stage.pass(1_000);
  assert.deepEqual(used(), [
    ['pool', 1],
    [LIMIT, 1],
  ]);
});

test('as long as its own limit has no slot for it, an invocation there counts against the pool', async () => {
  await using stage = await openStage({ invoke: () => 'hang' }, { slots: 0 });
  const router = await stage.router('one');
  stage.provision(1);
  await stage.until('it', () => stage.idle === 1);
  router.invoke('r1');
  await stage.pass(1_000);
  assert.deepEqual(
    stage.reports.at(-1)?.limits.map(limit => [limit.limitId, limit.used, limit.wanted]),
    [
      ['pool', 1, 0],
      [LIMIT, 0, 1],
    ],
  );
});

test('where the pool is used up those on demand are not told of, and those with a slot of their own are', async () => {
  await using stage = await WorkerStage.openSlotless();
  stage.setLimit(LIMIT, 1);
  stage.setLimit('pool', 0);
  const router = await stage.router('one');
  stage.start(1);
  await stage.until('the one on demand', () => stage.idle === 1);
  stage.provision(1);
  await stage.pass(1_000);
  assert.equal(router.vacancy, 1);
  router.invoke('r1');
  assert.equal((await router.result('r1')).vacancy?.idle, 1);
  router.invoke('r2');
  router.invoke('r3');
  assert.equal((await router.refusal('r3')).reason, NotStartedReason.LIMIT);
  await stage.pass(1_000);
  assert.equal(router.vacancy, 1);
});

test('its slots are not given back for the asking, but when the limit itself falls', async () => {
  await using stage = await openStage();
  stage.provision(2);
  await stage.pass(1_000);
  stage.lower(0, LIMIT);
  await stage.pass(5_000);
  assert.equal(stage.grantedOf(LIMIT), 2);
  stage.setLimit(LIMIT, 1);
  await stage.pass(5_000);
  assert.equal(stage.grantedOf(LIMIT), 1);
});

test('one whose init fails goes, is told of and is tried again ever later, until one is ready', async () => {
  await using stage = await openStage({ init: new InitFailure('Runtime.Broken', Buffer.from('{}')) });
  stage.provision(1);
  await stage.until('the first', () => stage.sandboxes.programs.length === 1);
  await stage.pass(10_000);
  assert.equal(live(stage).length, 0);
  assert.equal(stage.sandboxes.programs.length, 4);
  assert.equal(stage.holding?.provisioningFailure, 'FUNCTION_ERROR_INIT_FAILURE');
  stage.sandboxes.play({});
  await stage.pass(10_000);
  assert.equal(stage.holding?.provisioned, 1);
  assert.equal(stage.holding?.provisioningFailure, '');
});

test('its init has 130 s', async () => {
  await using stage = await openStage({ init: 'hang' });
  stage.provision(1);
  await stage.until('its start', () => live(stage).length === 1);
  await stage.pass(129_000);
  assert.equal(live(stage).length, 1);
  live(stage)[0]?.becomeReady();
  await stage.until('it', () => stage.holding?.provisioned === 1);
  stage.provision(2);
  await stage.until('the second one', () => live(stage).length === 2);
  const [, second] = live(stage);
  await stage.pass(130_000);
  assert.equal(second?.removed, true);
});

test('of a function that is gone nothing is started again', async () => {
  await using stage = await openStage();
  const router = await stage.router('one');
  stage.provision(2);
  await stage.until('both', () => stage.idle === 2);
  router.say({ case: 'retire', value: { functionId: 'function-1' } });
  await stage.pass(5_000);
  assert.equal(live(stage).length, 0);
  assert.equal(stage.grantedOf(LIMIT), 0);
});

test('a worker that drains replaces nothing', async () => {
  const stage = await openStage();
  stage.provision(2);
  await stage.until('both', () => stage.idle === 2);
  await stage[Symbol.asyncDispose]();
  assert.equal(stage.sandboxes.programs.length, 2);
});
