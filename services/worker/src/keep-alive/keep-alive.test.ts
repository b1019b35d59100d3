import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutcomeKind } from '@lambent/contracts';
import { SeededRandom } from '@lambent/core';
import { FunctionStore, newFunction } from '@lambent/functions';
import { WorkerStage } from '../worker-stage.ts';

const MINUTE_MS = 60_000;

/** Living programs. */
const living = (stage: WorkerStage) => stage.sandboxes.programs.filter(program => !program.removed).length;

/** A function as the registry has it, and as a worker is told of it. */
async function stored(stage: WorkerStage, name: string) {
  const { key, memoryMb, codeSha256, codeBytes, runtime } = stage.spec;
  const accountId = '123456789012';
  const record = newFunction(
    {
      id: name,
      accountId,
      name,
      tags: {},
      code: { digest: codeSha256, bytes: Number(codeBytes) },
      configuration: {
        runtime,
        handler: 'index.handler',
        role: 'arn:aws:iam::123456789012:role/r',
        description: '',
        timeoutSeconds: 3,
        memoryMb,
        ephemeralStorageMb: 512,
        architecture: 'x86_64',
        logging: { format: 'Text' },
        tracingMode: 'PassThrough',
        snapStart: 'None',
      },
    },
    { revisionId: `${key?.revision}`, atMs: 1, runtimeAvailable: () => true },
  );
  const observer = { written: () => undefined, deleted: () => undefined };
  const { clock } = stage;
  const random = new SeededRandom(1);
  const registry = stage.registryOf('gateway');
  const store = new FunctionStore({ registry, clock, random, accountId, observer });
  await settled(stage, store.create(record));
  return { ...stage.other(name), accountId };
}

/** What takes simulated time, done. */
async function settled<T>(stage: WorkerStage, work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  await stage.until('it is done', () => done);
  return await watched;
}

/** Called every so often, cold where nothing is idle; gives how many environments were started for it. */
async function callEvery(
  stage: WorkerStage,
  periodMs: number,
  calls: number,
  spec: Awaited<ReturnType<typeof stored>>,
): Promise<number> {
  const router = await stage.router('caller');
  let cold = 0;
  for (let call = 0; call < calls; call += 1) {
    const id = `${spec.functionName}-${call}`;
    router.invoke(id, { key: spec.key });
    await stage.pass(0);
    if (router.all('result').every(({ requestId }) => requestId !== id)) {
      cold += 1;
      const offers = router.all('offer').length;
      stage.start(1, spec);
      await stage.until('the offer', () => router.all('offer').length > offers);
      router.invoke(id, { key: spec.key });
    }
    assert.equal((await router.result(id)).outcome, OutcomeKind.OK);
    await stage.pass(periodMs);
  }
  return cold;
}

test('an environment that nobody uses any more goes by itself, and the worker holds none', async () => {
  await using stage = await WorkerStage.open();
  await stage.warm(await stage.router('one'));
  await stage.pass(29_000);
  assert.equal(living(stage), 1);
  await stage.pass(30 * MINUTE_MS);
  assert.equal(living(stage), 0);
});

test('a function called every quarter of an hour finds an environment once its habit is known, and none is there between', async () => {
  await using stage = await WorkerStage.open();
  const spec = await stored(stage, 'quarter-hourly');
  await callEvery(stage, 15 * MINUTE_MS, 6, spec);
  const started = stage.sandboxes.programs.length;
  assert.equal(await callEvery(stage, 15 * MINUTE_MS, 2, spec), 0);
  assert.equal(stage.sandboxes.programs.length, started + 2);
  await stage.pass(10 * MINUTE_MS);
  assert.equal(living(stage), 0);
});

test('one that is expected is not started at a revision that is not current any more', async () => {
  await using stage = await WorkerStage.open();
  const spec = { ...stage.other('quarter-hourly'), accountId: '123456789012' };
  await callEvery(stage, 15 * MINUTE_MS, 6, spec);
  assert.equal(await callEvery(stage, 15 * MINUTE_MS, 2, spec), 2);
});

test('one that is expected makes nobody go', async () => {
  await using stage = await WorkerStage.open({}, { memoryMb: 512 });
  const spec = await stored(stage, 'quarter-hourly');
  await callEvery(stage, 15 * MINUTE_MS, 6, spec);
  const busy = await stage.router('busy');
  const other = stage.other('large');
  stage.start(1, { ...other, memoryMb: 512 });
  const keep = async () => {
    for (let call = 0; call < 20; call += 1) {
      busy.invoke(`${call}`, { key: other.key });
      await busy.result(`${call}`);
      await stage.pass(MINUTE_MS);
    }
  };
  await stage.pass(MINUTE_MS);
  const started = stage.sandboxes.plans.length;
  await keep();
  assert.equal(stage.sandboxes.plans.length, started);
});

test('forty functions with an idle environment each do not starve one more', async () => {
  await using stage = await WorkerStage.open({}, { memoryMb: 40 * 256 });
  const router = await stage.router('one');
  for (let other = 0; other < 40; other += 1) {
    stage.start(1, stage.other(`idle-${other}`));
    await stage.until('it is idle', () => stage.idle > other);
  }
  stage.start(1);
  await stage.until('one more', () => stage.sandboxes.plans.length === 41);
  await stage.pass(20);
  router.invoke('r1');
  assert.equal((await router.result('r1')).outcome, OutcomeKind.OK);
  assert.equal(living(stage), 40);
});

test('an environment is replaced after as many invocations as it may serve, and no call fails', async () => {
  await using stage = await WorkerStage.open({}, { environmentUsesMax: 3 });
  const spec = await stored(stage, 'leaks');
  assert.equal(await callEvery(stage, 1_000, 9, spec), 3);
  assert.deepEqual(
    stage.sandboxes.programs.map(program => program.events.length),
    [3, 3, 3],
  );
});

test('an environment that is too old is replaced, after what it runs', async () => {
  await using stage = await WorkerStage.open({}, { environmentAgeMsMax: 60_000, keepAliveMs: 600_000 });
  const router = await stage.router('one');
  await stage.warm(router, 2);
  await stage.pass(57_000);
  stage.sandboxes.play({});
  assert.equal(living(stage), 2);
  await stage.pass(5_000);
  assert.equal(living(stage), 0);
  assert.equal(router.vacancy, 0);
});

test('what is frozen between invocations answers, and ends like any other', async () => {
  await using stage = await WorkerStage.open({}, { freezeIdle: true, environmentUsesMax: 2 });
  const router = await stage.router('one');
  await stage.warm(router);
  const [program] = stage.sandboxes.programs;
  assert.equal(program?.frozen, true);
  router.invoke('r1');
  assert.equal((await router.result('r1')).outcome, OutcomeKind.OK);
  assert.equal(program?.frozen, true);
  router.invoke('r2');
  assert.equal((await router.result('r2')).outcome, OutcomeKind.OK);
  await stage.until('it is gone', () => program?.removed === true);
});

test('nothing is frozen unless it is asked for', async () => {
  await using stage = await WorkerStage.open();
  await stage.warm(await stage.router('one'));
  assert.equal(stage.sandboxes.programs[0]?.frozen, false);
});
