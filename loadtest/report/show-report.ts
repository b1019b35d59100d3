import { LATE_MS } from '../load/tally.ts';
import { showRatio } from './ratio.ts';
import { type Report, showLimits } from './report.ts';
import type { Total } from './totals.ts';

type Row = readonly string[];

/** A report for the terminal, line by line. */
export function showReport(report: Report): readonly string[] {
  const { totals, ratios, bounds } = report;
  return [
    `${report.scenario}: ${report.description}`,
    `${report.machine}; against ${report.against}; ${report.seconds.toFixed(0)} s${report.interrupted ? ', ended early' : ''}`,
    '',
    ...alignRows([TOTALS_HEAD, ...totals.map(totalRow)]),
    ...section('not answered well', totals.flatMap(errorRows)),
    ...section(
      'ratios: median of the blocks (least to most)',
      ratios.map(found => [found.name, showRatio(found.ratio), showLimits(found), verdict(found)]),
    ),
    ...section(
      'bounds',
      bounds.map(found => [
        found.name,
        showNumber(found.value ?? Number.NaN),
        showLimits(found),
        verdict(found),
      ]),
    ),
    '',
    `The harness itself used ${report.harnessCpuSeconds.toFixed(1)} s of CPU. late: sent more than ${LATE_MS} ms after it was due.`,
  ];
}

/** Latencies in milliseconds. */
export const TOTALS_HEAD: Row = [
  ...['phase', 'target', 'due', 'unsent', 'ok', 'cold', 'throttled', 'bad'],
  ...['per s', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'late', 'lag p99', 'CPU µs'],
];

export function totalRow({ phase, target, tally, latency, lag, throughput, cpuUsPerCall }: Total): Row {
  const { due, unsent, ok, cold, throttled, failed, error, unanswered, late } = tally;
  const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = latency;
  return [
    phase,
    target,
    ...[due, unsent, ok, cold, throttled, failed + error + unanswered].map(String),
    ...[throughput, p50Ms, p90Ms, p99Ms, p999Ms, maxMs].map(showNumber),
    String(late),
    showNumber(lag.p99Ms),
    cpuUsPerCall === undefined ? '' : cpuUsPerCall.toFixed(0),
  ];
}

/** Three digits that mean something. */
export function showNumber(value: number): string {
  if (!Number.isFinite(value)) return 'unknown';
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

export function errorRows({ phase, target, tally }: Total): readonly Row[] {
  const named = Object.entries(tally.errors).toSorted(([, a], [, b]) => b - a);
  const unanswered: readonly [string, number][] =
    tally.unanswered > 0 ? [['given up when the run was ended', tally.unanswered]] : [];
  return [...named, ...unanswered].map(([name, count]) => [phase, target, String(count), name]);
}

function section(title: string, rows: readonly Row[]): readonly string[] {
  return rows.length === 0 ? [] : ['', title, ...alignRows(rows)];
}

export function verdict(found: {
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly kept: boolean;
}): string {
  if (found.atMost === undefined && found.atLeast === undefined) return '';
  return found.kept ? 'kept' : 'BROKEN';
}

/** Numbers to the right, words to the left. */
function alignRows(rows: readonly Row[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  const isNumber = (column: number) => rows.slice(1).every(row => /^[\d.]*$/.test(row[column] ?? ''));
  return rows.map(row =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return rows.length > 1 && isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
