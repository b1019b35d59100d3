import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Series, type SeriesRow } from './series.ts';

test('a series tells each interval once it is over, and of those in which nothing happened nothing', () => {
  const rows: SeriesRow[] = [];
  const series = new Series({ originMs: 500, intervalMs: 1_000, take: row => rows.push(row) });
  series.begin(1_000);
  series.sent(1_100);
  series.ended(1_200, { kind: 'ok', cold: true }, 100);
  series.sent(1_900);
  series.ended(4_500, { kind: 'failed', error: 'E' }, 2_600);
  series.unsent(4_600);
  series.flush(4_700);
  assert.deepEqual(
    rows.map(({ p50Ms, p99Ms, maxMs, throttled, ...row }) => row),
    [
      { atSeconds: 0.5, seconds: 1, sent: 2, unsent: 0, ok: 1, cold: 1, bad: 0 },
      { atSeconds: 3.5, seconds: 0.7, sent: 0, unsent: 1, ok: 0, cold: 0, bad: 1 },
    ],
  );
  assert.equal(Math.round(rows[0]?.maxMs ?? 0), 100);
});
