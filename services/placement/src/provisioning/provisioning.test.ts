import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { HoldingSchema } from '@lambent/contracts';
import { SeededRandom } from '@lambent/core';
import { FunctionStore, newFunction, published } from '@lambent/functions';
import {
  byRendezvous,
  decodeLimit,
  decodeProvisioned,
  decodeProvisionedStanding,
  encodeRecord,
  limitKey,
  type ProvisionedRecord,
  provisionedKey,
  provisionedLimitId,
  provisionedStandingKey,
} from '@lambent/membership';
import { PlacementStage, type ScriptedWorker } from '../placement-stage.ts';

const RECORD: ProvisionedRecord = {
  requestId: 'request-1',
  functionId: 'f',
  accountId: '000000000000',
  functionName: 'hello',
  region: 'us-east-1',
  qualifier: 'live',
  requested: 5,
  version: '1',
  lastModifiedMs: 0,
};

/** With a function of two versions. */
async function openStage(): Promise<PlacementStage> {
  await using opening = new AsyncDisposableStack();
  const stage = opening.use(new PlacementStage());
  const { registry, clock } = stage;
  const random = new SeededRandom(1);
  const observer = { written: () => undefined, deleted: () => undefined };
  const store = new FunctionStore({ registry, clock, random, accountId: RECORD.accountId, observer });
  const stamp = { revisionId: 'r', atMs: 0, runtimeAvailable: () => true };
  const made = newFunction(
    { ...FUNCTION, id: 'f', accountId: RECORD.accountId, name: 'hello', tags: {} },
    stamp,
  );
  const one = published(made, { versionRevisionId: 'v-1' }, stamp);
  const two = published(one.record, { versionRevisionId: 'v-2' }, stamp);
  await stage.done(store.create(one.record, { publish: one.version }));
  await stage.done(
    store.change('hello', () => ({ record: two.record, publish: two.version, result: undefined })),
  );
  await stage.place();
  opening.move();
  return stage;
}

const FUNCTION = {
  code: { digest: 'a'.repeat(64), bytes: 100 },
  configuration: {
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    role: 'arn:aws:iam::000000000000:role/r',
    description: '',
    timeoutSeconds: 3,
    memoryMb: 128,
    ephemeralStorageMb: 512,
    architecture: 'x86_64',
    logging: { format: 'Text' },
    tracingMode: 'PassThrough',
    snapStart: 'None',
  },
} as const;

/** As a gateway writes it; the division gives what it can. */
async function ask(
  stage: PlacementStage,
  change: Partial<ProvisionedRecord> = {},
  slots = 100,
): Promise<void> {
  const record = { ...RECORD, ...change };
  await setPart(stage, record.version, slots);
  await stage.put(provisionedKey(record.functionId, record.qualifier), encodeRecord(record));
  await looks(stage);
}

function setPart(stage: PlacementStage, version: string, slots: number): Promise<void> {
  const key = limitKey(provisionedLimitId('f', version));
  return stage.put(key, encodeRecord({ wanted: slots, held: slots }));
}

/** Long enough for a look at everything, and for what is written then. */
function looks(stage: PlacementStage, times = 2): Promise<void> {
  return stage.pass(times);
}

async function workers(stage: PlacementStage, count: number): Promise<ScriptedWorker[]> {
  const all = Array.from({ length: count }, (_, number) => stage.worker(`w-${number + 1}`));
  for (const [number, worker] of all.entries()) {
    await stage.join(`w-${number + 1}`);
    await worker.enlist();
  }
  await looks(stage);
  return all;
}

async function holds(
  worker: ScriptedWorker | undefined,
  provisioned: number,
  more: { readonly version?: string; readonly failure?: string } = {},
): Promise<void> {
  const { version = '1', failure = '' } = more;
  const key = { functionId: 'f', version, revision: 1n, tenantId: '' };
  const holding = create(HoldingSchema, {
    key,
    idle: provisioned,
    provisioned,
    provisioningFailure: failure,
  });
  await worker?.report({ holdings: [holding] });
}

/** What every worker was last told to hold of the version. */
function told(all: readonly ScriptedWorker[], version = '1'): number[] {
  return all.map(worker => worker.provisioned.get(version) ?? 0);
}

async function standing(stage: PlacementStage) {
  const entry = await stage.done(stage.registry.get(provisionedStandingKey('f', 'live')));
  const said = entry && decodeProvisionedStanding(entry);
  return said && [said.status, said.allocated, said.reason];
}

test('it is spread over the workers, and ready when all are', async () => {
  await using stage = await openStage();
  const all = await workers(stage, 2);
  await ask(stage);
  assert.deepEqual(told(all), [3, 2]);
  assert.deepEqual(await standing(stage), ['IN_PROGRESS', 0, undefined]);
  await holds(all[0], 3);
  await looks(stage);
  assert.deepEqual(await standing(stage), ['IN_PROGRESS', 3, undefined]);
  await holds(all[1], 2);
  await looks(stage);
  assert.deepEqual(await standing(stage), ['READY', 5, undefined]);
});

test('nothing is told or written again while all is as it should be', async () => {
  await using stage = await openStage();
  const [worker] = await workers(stage, 1);
  await ask(stage);
  await holds(worker, 5);
  await looks(stage);
  worker?.provisioned.clear();
  const before = await stage.done(stage.registry.get(provisionedStandingKey('f', 'live')));
  for (let time = 0; time < 10; time += 1) {
    await holds(worker, 5);
    await looks(stage, 1);
  }
  const after = await stage.done(stage.registry.get(provisionedStandingKey('f', 'live')));
  assert.equal(after?.modRevision, before?.modRevision);
  assert.equal(worker?.provisioned.size, 0);
});

test('a worker that lost what it was told is told again', async () => {
  await using stage = await openStage();
  const [worker] = await workers(stage, 1);
  await ask(stage);
  await holds(worker, 5);
  worker?.provisioned.clear();
  await holds(worker, 0);
  await looks(stage, 1);
  assert.equal(worker?.provisioned.get('1'), 5);
});

test('no more are told than the division has given', async () => {
  await using stage = await openStage();
  const [worker] = await workers(stage, 1);
  await ask(stage, {}, 2);
  assert.equal(worker?.provisioned.get('1'), 2);
  await holds(worker, 2);
  await looks(stage);
  assert.deepEqual(await standing(stage), ['IN_PROGRESS', 2, undefined]);
  await setPart(stage, '1', 5);
  await looks(stage);
  assert.equal(worker?.provisioned.get('1'), 5);
});

test('no more than a hundred come up at once', async () => {
  await using stage = await openStage();
  const [worker] = await workers(stage, 1);
  await worker?.report({ memoryMbFree: 1_000_000n });
  await ask(stage, { requested: 250 }, 250);
  assert.equal(worker?.provisioned.get('1'), 100);
  await holds(worker, 100);
  await looks(stage, 1);
  assert.equal(worker?.provisioned.get('1'), 200);
});

test('two versions do not find the same memory free', async () => {
  await using stage = await openStage();
  const all = await workers(stage, 2);
  for (const worker of all) await worker.report({ memoryMbFree: 4n * 128n });
  await ask(stage, { requested: 6 });
  await ask(stage, { requested: 4, qualifier: '2', version: '2' });
  assert.deepEqual(told(all), [3, 3]);
  assert.deepEqual(told(all, '2'), [1, 1]);
});

test('what a worker held that is gone comes up elsewhere; one that is only not heard keeps it', async () => {
  await using stage = await openStage();
  const all = await workers(stage, 2);
  await ask(stage);
  await holds(all[0], 3);
  await holds(all[1], 2);
  await all[1]?.leave();
  for (let second = 0; second < 5; second += 1) {
    await holds(all[0], 3);
    await looks(stage, 1);
  }
  assert.equal(all[0]?.provisioned.get('1'), 3);
  await stage.miss('w-2');
  await looks(stage);
  assert.equal(all[0]?.provisioned.get('1'), 5);
});

test('what a worker holds that drains comes up elsewhere at once', async () => {
  await using stage = await openStage();
  const all = await workers(stage, 2);
  await ask(stage);
  await holds(all[0], 3);
  await holds(all[1], 2);
  await looks(stage);
  await all[1]?.report({ draining: true });
  await looks(stage);
  assert.equal(all[0]?.provisioned.get('1'), 5);
  assert.deepEqual(await standing(stage), ['IN_PROGRESS', 3, undefined]);
});

test('where inits fail it has failed, with AWS’s reason, until they do not', async () => {
  await using stage = await openStage();
  const [worker] = await workers(stage, 1);
  await ask(stage);
  await holds(worker, 0, { failure: 'FUNCTION_ERROR_INIT_FAILURE' });
  await looks(stage);
  assert.deepEqual(await standing(stage), ['FAILED', 0, 'FUNCTION_ERROR_INIT_FAILURE']);
  await holds(worker, 5);
  await looks(stage);
  assert.deepEqual(await standing(stage), ['READY', 5, undefined]);
});

test('whoever holds what nobody asks for any more is told to let it go', async () => {
  await using stage = await openStage();
  const [worker] = await workers(stage, 1);
  await ask(stage);
  await holds(worker, 5);
  await stage.remove(provisionedKey('f', 'live'));
  await looks(stage);
  assert.equal(worker?.provisioned.get('1'), 0);
});

test('another replica takes what it finds for what was told', async () => {
  await using stage = await openStage();
  const all = await workers(stage, 2);
  await ask(stage);
  await holds(all[0], 1);
  await holds(all[1], 4);
  for (const worker of all) worker.provisioned.clear();
  await stage.place('another');
  for (const worker of all) await worker.enlist('another');
  await stage.kill('placement');
  await looks(stage, 4);
  assert.deepEqual(told(all), [1, 4]);
  assert.deepEqual(await standing(stage), ['READY', 5, undefined]);
});

test('one replica speaks for a function', async () => {
  await using stage = await openStage();
  await stage.place('another');
  const [first] = byRendezvous('f', ['placement', 'another']);
  const worker = stage.worker('w-1');
  await stage.join('w-1');
  await worker.enlist(first === 'another' ? 'placement' : 'another');
  await ask(stage);
  await looks(stage, 4);
  assert.equal(worker.provisioned.size, 0);
});

test('an alias that moves: the new version comes up first, then the old one and its part are given up', async () => {
  await using stage = await openStage();
  const [worker] = await workers(stage, 1);
  await ask(stage);
  await holds(worker, 5);
  await ask(stage, { requestId: 'request-2', version: '2', previousVersion: '1' });
  assert.deepEqual([worker?.provisioned.get('1'), worker?.provisioned.get('2')], [5, 5]);
  assert.deepEqual(await standing(stage), ['IN_PROGRESS', 0, undefined]);
  const old = create(HoldingSchema, { key: { functionId: 'f', version: '1', revision: 1n }, provisioned: 5 });
  const next = create(HoldingSchema, {
    key: { functionId: 'f', version: '2', revision: 1n },
    provisioned: 5,
  });
  await worker?.report({ holdings: [old, next] });
  await looks(stage, 4);
  assert.deepEqual(await standing(stage), ['READY', 5, undefined]);
  assert.equal(worker?.provisioned.get('1'), 0);
  const entry = await stage.done(stage.registry.get(provisionedKey('f', 'live')));
  assert.equal(entry && decodeProvisioned(entry)?.previousVersion, undefined);
  const part = await stage.done(stage.registry.get(limitKey(provisionedLimitId('f', '1'))));
  assert.equal(part && decodeLimit(part)?.wanted, undefined);
});
