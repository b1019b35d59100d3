import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Latency } from './latency.ts';

describe('latencies', () => {
  test('are told within a thousandth, from microseconds to half an hour', () => {
    for (const ms of [0.003, 0.25, 17.3, 999, 61_000, 1_800_000]) {
      const latency = new Latency();
      latency.record(ms);
      assert.ok(Math.abs(latency.atMs(50) - ms) <= ms / 1_000, `${ms}: ${latency.atMs(50)}`);
    }
  });

  test('beyond half an hour count as half an hour, and below nothing as nothing', () => {
    const latency = new Latency();
    latency.record(10_000_000);
    latency.record(-1);
    const { count, maxMs } = latency.summary();
    assert.equal(count, 2);
    assert.ok(Math.abs(maxMs - 1_800_000) <= 1_800);
  });

  test('no percentile is above the slowest', () => {
    const latency = new Latency();
    for (const ms of [1, 7.777, 3_333.333]) latency.record(ms);
    const { p99Ms, p999Ms, maxMs } = latency.summary();
    assert.deepEqual([p99Ms, p999Ms], [maxMs, maxMs]);
  });

  test('of nothing are all 0, and have no curve', () => {
    const { p50Ms, meanMs, maxMs } = new Latency().summary();
    assert.deepEqual([p50Ms, meanMs, maxMs, new Latency().curve()], [0, 0, 0, []]);
  });

  test('the curve reaches only as far as there were calls, and ends with the slowest', () => {
    const latency = new Latency();
    for (let ms = 1; ms <= 100; ms += 1) latency.record(ms);
    const percentiles = latency.curve().map(({ percentile }) => percentile);
    assert.deepEqual(percentiles.slice(-2), [99, 100]);
  });
});
