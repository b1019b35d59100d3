import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  EnvironmentSpecSchema,
  LimitHoldingSchema,
  type WorkerReport,
  WorkerReportSchema,
} from '@lambent/contracts';
import { SeededRandom } from '@lambent/core';
import { Fleet } from './fleet.ts';
import { advise } from './policy.ts';

const SPEC = create(EnvironmentSpecSchema, {
  key: { functionId: 'f', version: '1', revision: 1n, tenantId: '' },
  runtime: 'nodejs24.x',
  memoryMb: 128,
  codeSha256: 'c0de',
});

test('nobody live, nobody able, no slot and no memory are told apart', () => {
  assert.equal(adviceOf([], 1).kind, 'no-worker');
  assert.equal(adviceOf([report('a', { draining: true })], 1).kind, 'no-worker');
  assert.equal(adviceOf([report('a', { runtimes: ['python3.11'] })], 1).kind, 'no-runtime');
  assert.equal(adviceOf([report('a', { limits: [] })], 1).kind, 'limit');
  assert.equal(adviceOf([report('a', { memoryMbFree: 100n })], 1).kind, 'no-room');
});

test('what starts already is not asked for again', () => {
  const holdings = [{ key: SPEC.key as NonNullable<typeof SPEC.key>, starting: 2, idle: 0, busy: 0 }];
  const advice = adviceOf([report('a', { holdings })], 2);
  assert.deepEqual(advice, { kind: 'start', already: 2, starts: [] });
  assert.deepEqual(adviceOf([report('a', { holdings })], 5), {
    kind: 'start',
    already: 2,
    starts: [{ workerId: 'a', count: 3 }],
  });
});

test('a worker that has the code goes before one that has not', () => {
  const fleet = [report('cold'), report('warm', { codeCached: ['c0de'] })];
  for (let seed = 0; seed < 20; seed++) {
    assert.deepEqual(adviceOf(fleet, 1, seed), {
      kind: 'start',
      already: 0,
      starts: [{ workerId: 'warm', count: 1 }],
    });
  }
});

test('many starts spread, never past anybody’s memory or slots', () => {
  const fleet = [report('a', { memoryMbFree: 128n * 3n }), report('b', { limits: [pool(5)] }), report('c')];
  for (let seed = 0; seed < 50; seed++) {
    const advice = adviceOf(fleet, 40, seed);
    assert.equal(advice.kind, 'start');
    const counts = new Map(
      advice.kind === 'start' ? advice.starts.map(start => [start.workerId, start.count]) : [],
    );
    assert.ok((counts.get('a') ?? 0) <= 3, `seed ${seed}`);
    assert.ok((counts.get('b') ?? 0) <= 5, `seed ${seed}`);
    assert.ok([...counts.values()].reduce((sum, count) => sum + count, 0) <= 40);
  }
});

test('what was just given away is debited until the next report', () => {
  const fleet = new Fleet();
  fleet.report(report('a', { memoryMbFree: 256n }));
  fleet.debit('a', SPEC, 2);
  assert.deepEqual(advise(fleet.members(), { spec: SPEC, waiting: 3 }, new SeededRandom(1)), {
    kind: 'no-room',
    already: 2,
  });
  fleet.report(report('a', { memoryMbFree: 256n }));
  assert.equal(advise(fleet.members(), { spec: SPEC, waiting: 1 }, new SeededRandom(1)).kind, 'start');
});

function adviceOf(reports: readonly WorkerReport[], waiting: number, seed = 1) {
  const fleet = new Fleet();
  for (const each of reports) fleet.report(each);
  return advise(fleet.members(), { spec: SPEC, waiting }, new SeededRandom(seed));
}

const pool = (granted: number) => create(LimitHoldingSchema, { limitId: 'pool', granted });

function report(
  workerId: string,
  more: Partial<Omit<WorkerReport, 'holdings'>> & { holdings?: object[] } = {},
) {
  return create(WorkerReportSchema, {
    workerId,
    memoryMbFree: 8_192n,
    limits: [pool(1_000)],
    runtimes: ['nodejs24.x'],
    ...(more as object),
  });
}
