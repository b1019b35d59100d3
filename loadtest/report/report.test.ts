import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SimulatedClock, sleep } from '@lambent/core';
import { measure } from '../load/measurement.ts';
import { Recording } from '../load/recording.ts';
import type { Target } from '../load/target.ts';
import { readScenario } from '../scenarios/scenario.ts';
import { renderPage } from './page.ts';
import { createReport, keepsBounds, type Report } from './report.ts';
import { showReport } from './show-report.ts';
import { Totals } from './totals.ts';

const SCENARIO = {
  description: 'two of <them>',
  functions: { echo: {} },
  targets: [
    { name: 'engine', door: 'http', function: 'echo' },
    { name: 'floor', floor: 'http-echo' },
  ],
  phases: [{ name: 'steady', seconds: 1, callers: 1 }],
  blocks: 3,
  ratios: [{ name: 'p50', of: 'engine', to: 'floor', phase: 'steady', value: 'p50Ms', atMost: 2 }],
  bounds: [
    { target: 'engine', phase: 'steady', value: 'okShare', atLeast: 0.9 },
    { target: 'engine', phase: 'steady', value: 'cpuUsPerCall', atMost: 1 },
  ],
};

/** Ten calls that take `tookMs` each; of the engine's the last fails. */
async function measured(name: string, { tookMs, block }: { tookMs: number; block: number }, totals: Totals) {
  const clock = new SimulatedClock();
  const recording = new Recording({ clock });
  let calls = 0;
  const target: Target = {
    name,
    async call() {
      await sleep(clock, tookMs);
      calls += 1;
      return calls === 10 && name === 'engine'
        ? { kind: 'failed', error: 'Boom' }
        : { kind: 'ok', cold: calls === 1 };
    },
    async [Symbol.asyncDispose]() {},
  };
  const measurement = await measure(target, recording, { phase: 'steady', block }, async () => {
    recording.begin();
    for (let call = 0; call < 10; call += 1) {
      const done = recording.call(target, { dueMs: clock.monotonicMs(), copy: 0 });
      await clock.advance(tookMs);
      await done;
    }
  });
  totals.add(measurement, recording);
  return measurement;
}

async function report(): Promise<Report> {
  const totals = new Totals();
  const measurements = [];
  for (const [index, tookMs] of [10, 30, 20].entries()) {
    measurements.push(await measured('engine', { tookMs, block: index + 1 }, totals));
    measurements.push(await measured('floor', { tookMs: 10, block: index + 1 }, totals));
  }
  const row = { seconds: 1, sent: 9, unsent: 0, ok: 9, cold: 1, throttled: 0, bad: 0 };
  const rows = [0, 1].map(atSeconds => ({ ...row, atSeconds, p50Ms: 10, p99Ms: 30, maxMs: 30 }));
  const series = [{ target: 'engine', phase: 'steady', block: 1, rows }];
  const results = { measurements, totals: totals.read(), series, intervalSeconds: 1, interrupted: false };
  return createReport(readScenario(JSON.stringify(SCENARIO)), results, {
    ...{ scenario: 'test', against: 'nothing', startedAt: '2026-01-01T00:00:00.000Z', machine: 'this' },
    harnessCpuSeconds: 0,
    seconds: 1,
  });
}

describe('a report', () => {
  test('gives ratios as the median of the blocks, and says what was wanted of them', async () => {
    const [found] = (await report()).ratios;
    assert.ok(found?.ratio);
    assert.ok(Math.abs(found.ratio.median - 2) < 0.01);
    assert.ok(Math.abs(found.ratio.least - 1) < 0.01 && Math.abs(found.ratio.most - 3) < 0.01);
  });

  test('adds up the blocks of each target', async () => {
    const [engine, floor] = (await report()).totals;
    assert.deepEqual(
      [engine?.blocks, engine?.tally.sent, engine?.tally.ok, engine?.tally.cold],
      [3, 30, 27, 3],
    );
    assert.deepEqual(engine?.tally.errors, { Boom: 3 });
    assert.equal(engine?.latency.count, 27);
    assert.equal(floor?.tally.ok, 30);
    // Of all calls, and no mean of percentiles.
    assert.ok(Math.abs((engine?.latency.p50Ms ?? 0) - 20) < 0.1);
  });

  test('breaks its bounds where one is broken, or cannot be known', async () => {
    const found = await report();
    assert.deepEqual(
      found.bounds.map(({ kept }) => kept),
      [true, false],
    );
    assert.equal(keepsBounds(found), false);
    assert.equal(keepsBounds({ ...found, bounds: found.bounds.slice(0, 1) }), found.ratios[0]?.kept);
  });

  test('survives being written as JSON', async () => {
    const found = await report();
    assert.deepEqual(JSON.parse(JSON.stringify(found)).totals[0].tally, found.totals[0]?.tally);
  });

  test('is a table whose columns are aligned', async () => {
    const lines = showReport(await report());
    const [head, first, second] = lines.slice(lines.findIndex(line => line.startsWith('phase ')));
    const end = (head ?? '').indexOf('unsent') - 2;
    assert.equal(first?.slice(end - 2, end), '30');
    assert.equal(second?.slice(end - 2, end), '30');
    assert.ok(lines.some(line => line.includes('BROKEN')));
  });

  test('is a page in itself: no script, nothing from elsewhere, every tag closed, and text that is only text', async () => {
    const page = renderPage(await report());
    assert.doesNotMatch(page, /<script|https?:|<link|<img|url\(|NaN|undefined|Infinity/);
    assert.match(page, /two of &lt;them&gt;/);
    assert.match(page, /<polyline/);
    assert.match(page, /prefers-color-scheme: dark/);
    for (const tag of ['svg', 'figure', 'table', 'text', 'ul', 'li', 'tr', 'td', 'th'])
      assert.equal(
        page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length,
        page.match(new RegExp(`</${tag}>`, 'g'))?.length,
        tag,
      );
  });
});
