import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom, SimulatedClock, sleep } from '@lambent/core';
import type { Target } from '../load/target.ts';
import { readScenario } from '../scenarios/scenario.ts';
import { runScenario, type Watched } from './run-scenario.ts';

const PLAN = {
  description: 'a test',
  targets: [
    { name: 'a', floor: 'http-echo' },
    { name: 'b', floor: 'http-echo' },
  ],
  phases: [
    { name: 'warm-up', seconds: 1, rate: 10, measured: false },
    { name: 'steady', seconds: 2, rate: 10, spacing: 'even' },
  ],
  blocks: 2,
};

function start(plan: object) {
  const clock = new SimulatedClock();
  const stop = new AbortController();
  const turns: string[] = [];
  const targets = ['a', 'b'].map(name => ({ target: slowTarget(name, clock), copies: 1 }));
  const done = runScenario({
    ...{ scenario: readScenario(JSON.stringify(plan)), targets, clock, random: new SeededRandom(1) },
    signal: stop.signal,
    watch: ({ phase, block, targets }: Watched) =>
      turns.push(`${phase} ${block} ${targets.map(({ name }) => name).join('+')}`),
  });
  return { clock, stop, turns, done };
}

/** Uses a millisecond of CPU for each call. */
function slowTarget(name: string, clock: SimulatedClock): Target {
  let calls = 0;
  return {
    name,
    cpuUs: () => calls * 1_000,
    async call() {
      calls += 1;
      await sleep(clock, 50);
      return { kind: 'ok', cold: calls === 1 };
    },
    async [Symbol.asyncDispose]() {},
  };
}

describe('a run', () => {
  test('takes targets in turn in every block, and warms up once and unmeasured', async () => {
    const { clock, turns, done } = start(PLAN);
    await clock.advance(20_000);
    const { measurements, totals, series, interrupted } = await done;
    const blocks = ['steady 1 a', 'steady 1 b', 'steady 2 a', 'steady 2 b'];
    assert.deepEqual(turns, ['warm-up 1 a', 'warm-up 1 b', ...blocks]);
    assert.deepEqual(
      measurements.map(({ phase, block, target }) => `${phase} ${block} ${target}`),
      blocks,
    );
    assert.deepEqual(
      totals.map(({ target, tally, cpuUsPerCall }) => [target, tally.ok, tally.cold, cpuUsPerCall]),
      [
        ['a', 40, 0, 1_000],
        ['b', 40, 0, 1_000],
      ],
    );
    assert.equal(
      series.flatMap(({ rows }) => rows).reduce((sum, row) => sum + row.ok, 0),
      80,
    );
    assert.equal(interrupted, false);
  });

  test('loads targets together where that is wanted, and then says nothing of whose the CPU was', async () => {
    const { clock, turns, done } = start({ ...PLAN, targetsRun: 'together', blocks: 1 });
    await clock.advance(3_500);
    const { totals } = await done;
    assert.deepEqual(turns, ['warm-up 1 a+b', 'steady 1 a+b']);
    assert.deepEqual(
      totals.map(({ target, tally, cpuUsPerCall }) => [target, tally.ok, cpuUsPerCall]),
      [
        ['a', 20, undefined],
        ['b', 20, undefined],
      ],
    );
  });

  test('ended early gives what it has measured until then', async () => {
    const { clock, stop, turns, done } = start(PLAN);
    await clock.advance(3_000);
    stop.abort();
    await clock.advance(3_000);
    const { totals, interrupted } = await done;
    assert.equal(turns.at(-1), 'steady 1 a');
    assert.equal(interrupted, true);
    assert.deepEqual(
      totals.map(({ target, tally }) => [target, tally.ok, tally.unanswered]),
      [['a', totals[0]?.tally.sent, 0]],
    );
  });
});
