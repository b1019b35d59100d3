import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { EnvironmentSpecSchema, environmentKeyText, WorkerReportSchema } from '@lambent/contracts';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { Fleet } from './fleet.ts';
import { spread } from './spread.ts';

const SPEC = create(EnvironmentSpecSchema, {
  key: { functionId: 'f', version: '1', revision: 1n, tenantId: '' },
  runtime: 'nodejs24.x',
  memoryMb: 128,
  codeSha256: 'c0de',
});
const KEY = environmentKeyText(SPEC.key as NonNullable<typeof SPEC.key>);

interface Facts {
  readonly freeMb: number;
  readonly busy?: number;
  readonly hasCode?: boolean;
  readonly granted?: number;
}

test('of two that have as many of a function the emptier one starts it', () => {
  const fleet = fleetOf({ full: { freeMb: 1_000 }, empty: { freeMb: 1_200 } });
  assert.ok(shareOf(fleet, 'empty') > 0.6);
});

test('the one with fewer of a function starts it, though it is fuller', () => {
  const fleet = fleetOf({ few: { freeMb: 1_000 }, many: { freeMb: 4_000, busy: 3 } });
  assert.ok(shareOf(fleet, 'few') > 0.6);
});

test('who has the code starts it, unless it is crowded beside the others', () => {
  const fair = fleetOf({ code: { freeMb: 4_000, hasCode: true }, other: { freeMb: 5_000 } });
  assert.equal(shareOf(fair, 'code'), 1);
  const crowded = fleetOf({ code: { freeMb: 1_000, hasCode: true }, other: { freeMb: 5_000 } });
  assert.ok(shareOf(crowded, 'code') < 0.4);
});

test('the last one that has room is found among thousands that have none', () => {
  const workers: Record<string, Facts> = { roomy: { freeMb: 128 } };
  for (let number = 0; number < 3_000; number++) workers[`w-${number}`] = { freeMb: 100 };
  const fleet = fleetOf(workers);
  assert.deepEqual(startsOn(fleet, 3), [{ workerId: 'roomy', count: 1 }]);
});

test('what is wanted beyond all slots is raised for, where there is room, as far as there is something to raise', () => {
  const fleet = fleetOf({ one: { freeMb: 256, granted: 2 }, other: { freeMb: 1_024, granted: 0 } });
  const counts = new Map(
    startsOn(fleet, 10, { raisable: 4 }).map(({ workerId, count }) => [workerId, count]),
  );
  assert.deepEqual(
    counts,
    new Map([
      ['one', 2],
      ['other', 4],
    ]),
  );
});

function startsOn(fleet: Fleet, missing: number, { raisable = 0, seed = 1 } = {}) {
  const wanted = { spec: SPEC, key: KEY, limitId: 'pool', missing, raisable };
  return spread(fleet.view(), wanted, new SeededRandom(seed));
}

/** Of many single starts, how many went there. */
function shareOf(fleet: Fleet, workerId: string): number {
  const starts = Array.from({ length: 200 }, (_, seed) => startsOn(fleet, 1, { seed })[0]);
  return starts.filter(start => start?.workerId === workerId).length / starts.length;
}

function fleetOf(workers: Readonly<Record<string, Facts>>): Fleet {
  const fleet = new Fleet({ clock: new SimulatedClock() });
  for (const [workerId, { freeMb, busy = 0, hasCode = false, granted = 100 }] of Object.entries(workers))
    fleet.report(
      create(WorkerReportSchema, {
        workerId,
        memoryMbFree: BigInt(freeMb),
        runtimes: ['nodejs24.x'],
        codeCached: hasCode ? ['c0de'] : [],
        limits: [{ limitId: 'pool', granted, used: 0, wanted: 0 }],
        holdings: busy > 0 ? [{ key: { functionId: 'f', version: '1', revision: 1n }, busy }] : [],
      }),
    );
  return fleet;
}
