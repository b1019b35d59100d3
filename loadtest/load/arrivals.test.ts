import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { burstArrivals, rampArrivals, traceArrivals } from './arrivals.ts';

const random = () => new SeededRandom(7);
const times = (arrivals: Iterable<{ atMs: number }>) => Array.from(arrivals, ({ atMs }) => atMs);

describe('arrivals', () => {
  test('a steady rate is evenly spaced and begins at once', () => {
    const arrivals = rampArrivals({
      ...{ durationMs: 1_000, from: 5, to: 5, spacing: 'even', copies: 1 },
      random: random(),
    });
    assert.deepEqual(times(arrivals), [0, 200, 400, 600, 800]);
  });

  test('a ramp sends as many as the mean of its rates, in order, and ever closer together', () => {
    const arrivals = times(
      rampArrivals({
        ...{ durationMs: 10_000, from: 0, to: 100, spacing: 'even', copies: 1 },
        random: random(),
      }),
    );
    assert.equal(arrivals.length, 500);
    const gaps = arrivals.slice(1).map((atMs, index) => atMs - (arrivals[index] ?? 0));
    assert.ok(gaps.every((gap, index) => index === 0 || gap < (gaps[index - 1] ?? 0)));
    // Half of the time is a quarter of the calls.
    assert.equal(arrivals.filter(atMs => atMs < 5_000).length, 125);
  });

  test('a ramp down ends within its time', () => {
    const arrivals = times(
      rampArrivals({
        ...{ durationMs: 2_000, from: 100, to: 0, spacing: 'even', copies: 1 },
        random: random(),
      }),
    );
    assert.equal(arrivals.length, 100);
    assert.ok((arrivals.at(-1) ?? 0) < 2_000);
  });

  test('random spacing keeps the rate and has gaps of every length, as independent callers have', () => {
    const arrivals = times(
      rampArrivals({
        ...{ durationMs: 100_000, from: 100, to: 100, spacing: 'random', copies: 1 },
        random: random(),
      }),
    );
    assert.ok(Math.abs(arrivals.length - 10_000) < 300, String(arrivals.length));
    const gaps = arrivals.slice(1).map((atMs, index) => atMs - (arrivals[index] ?? 0));
    // Of exponential gaps, e⁻² are longer than twice the mean.
    const long = gaps.filter(gap => gap > 20).length / gaps.length;
    assert.ok(Math.abs(long - Math.exp(-2)) < 0.02, String(long));
  });

  test('copies are called in turn', () => {
    const arrivals = rampArrivals({
      ...{ durationMs: 1_000, from: 5, to: 5, spacing: 'even', copies: 3 },
      random: random(),
    });
    assert.deepEqual(
      Array.from(arrivals, ({ copy }) => copy),
      [0, 1, 2, 0, 1],
    );
  });

  test('a burst is all at once, again and again', () => {
    const arrivals = burstArrivals({ durationMs: 2_500, calls: 2, everyMs: 1_000, copies: 1 });
    assert.deepEqual(times(arrivals), [0, 0, 1_000, 1_000, 2_000, 2_000]);
  });

  test('a trace gives each function its count of each interval, within that interval', () => {
    const counts = [
      [3, 0, 2],
      [0, 1, 0],
    ];
    const arrivals = [...traceArrivals({ durationMs: 300, counts, intervalMs: 100, random: random() })];
    const of = (copy: number, interval: number) =>
      arrivals.filter(arrival => arrival.copy === copy && Math.floor(arrival.atMs / 100) === interval).length;
    assert.deepEqual(
      counts.map((row, copy) => row.map((_, interval) => of(copy, interval))),
      counts,
    );
    assert.deepEqual(
      times(arrivals),
      times(arrivals).toSorted((a, b) => a - b),
    );
  });
});
