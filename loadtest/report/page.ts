import type { SeriesRow } from '../load/series.ts';
import type { SeriesOf } from '../run/run-scenario.ts';
import { type Line, lineChart, PALETTE_SIZE, type Point } from './chart.ts';
import { escapeText } from './escape-text.ts';
import { STYLE } from './page-style.ts';
import { showRatio } from './ratio.ts';
import { ratioChart } from './ratio-chart.ts';
import { type Report, showLimits } from './report.ts';
import { errorRows, showNumber, TOTALS_HEAD, totalRow, verdict } from './show-report.ts';

/** Which the percentile curve marks; the axis gives each further nine as much room as the one before. */
const MARKED_PERCENTILES = [0, 50, 90, 99, 99.9, 99.99, 99.999];

/** A report as one page that needs nothing else: no script, no other file, light and dark. */
export function renderPage(report: Report): string {
  const { scenario, description, against, machine, startedAt, seconds, interrupted } = report;
  const ratios = report.ratios.map(found => [
    found.name,
    showRatio(found.ratio),
    showLimits(found),
    verdict(found),
  ]);
  const bounds = report.bounds.map(found => [
    found.name,
    showNumber(found.value ?? Number.NaN),
    showLimits(found),
    verdict(found),
  ]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeText(scenario)}: load test</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeText(scenario)}</h1>
<p>${escapeText(description)}</p>
<p class="quiet">${escapeText(machine)}<br>against ${escapeText(against)}, ${escapeText(startedAt)}, ${seconds.toFixed(0)} s${interrupted ? ', <strong>ended early</strong>' : ''}; the harness itself used ${report.harnessCpuSeconds.toFixed(1)} s of CPU</p>
${table('All calls', TOTALS_HEAD, report.totals.map(totalRow))}
${table('Not answered well', ['phase', 'target', 'calls', 'what'], report.totals.flatMap(errorRows))}
${ratioChart(report.ratios)}
${table('Ratios', ['ratio', 'median (least to most)', 'wanted', ''], ratios)}
${table('Bounds', ['value', 'found', 'wanted', ''], bounds)}
${charts(report)}
</body>
</html>
`;
}

function charts(report: Report): string {
  const { totals, series } = report;
  const targets = [...new Set(totals.map(({ target }) => target))];
  const phases = [...new Set(totals.map(({ phase }) => phase))];
  const colourOf = (target: string) => targets.indexOf(target) % PALETTE_SIZE;
  const over = (name: string, value: (row: SeriesRow) => number, dashed = false): Line[] =>
    targets.map(target => ({
      name: name === '' ? target : `${target}, ${name}`,
      colour: colourOf(target),
      dashed,
      pieces: piecesOf(series, target, value),
    }));
  const latency = (percentile: 'p50Ms' | 'p99Ms') => (row: SeriesRow) =>
    row.ok === 0 ? Number.NaN : row[percentile];
  const perSecond = (count: 'sent' | 'ok' | SomeCount) => (row: SeriesRow) =>
    row.seconds < shortestSeconds ? Number.NaN : row[count] / row.seconds;
  const shortestSeconds = report.intervalSeconds * SHORTEST_SHARE;
  const time = { xLabel: 'seconds since the beginning' };
  return [
    lineChart({
      ...time,
      ...{ title: 'Latency over time', yLabel: 'ms', yScale: 'logarithmic' },
      lines: [...over('p50', latency('p50Ms')), ...over('p99', latency('p99Ms'), true)],
    }),
    ...phases.map(phase =>
      lineChart({
        ...{ title: `Latency by percentile: ${phase}`, xLabel: 'percentile', yLabel: 'ms' },
        yScale: 'logarithmic',
        xTicks: MARKED_PERCENTILES.map(percentile => ({ x: nines(percentile), label: `${percentile} %` })),
        lines: totals
          .filter(total => total.phase === phase)
          .map(({ target, curve }) => ({
            name: target,
            colour: colourOf(target),
            pieces: [
              curve
                .filter(({ percentile }) => percentile < 100)
                .map(({ percentile, ms }) => ({ x: nines(percentile), y: ms })),
            ],
          })),
      }),
    ),
    lineChart({
      ...time,
      ...{ title: 'Throughput', yLabel: 'per second', yScale: 'linear' },
      lines: [...over('answered well', perSecond('ok')), ...over('sent', perSecond('sent'), true)],
    }),
    ...SOME_COUNTS.filter(count => series.some(({ rows }) => rows.some(row => row[count] > 0))).map(count =>
      lineChart({
        ...time,
        ...{ title: COUNT_TITLES[count], yLabel: 'per second', yScale: 'linear' },
        lines: over('', perSecond(count)),
      }),
    ),
  ].join('\n');
}

/** Of an interval: what is shorter is the end of a phase, and a few answers in it are no rate. */
const SHORTEST_SHARE = 0.25;

/** Shown where there were any. */
const SOME_COUNTS = ['cold', 'throttled', 'bad', 'unsent'] as const;
type SomeCount = (typeof SOME_COUNTS)[number];
const COUNT_TITLES: Readonly<Record<SomeCount, string>> = {
  cold: 'Cold starts',
  throttled: 'Throttled',
  bad: 'Failed, and errors',
  unsent: 'Not sent: too many were under way',
};

function piecesOf(
  series: readonly SeriesOf[],
  target: string,
  value: (row: SeriesRow) => number,
): readonly (readonly Point[])[] {
  return series
    .filter(of => of.target === target)
    .map(({ rows }) => rows.map(row => ({ x: row.atSeconds, y: value(row) })))
    .map(points => points.filter(({ y }) => !Number.isNaN(y)));
}

function nines(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const isNumber = (column: number) => rows.every(row => /^[\d.]*$/.test(row[column] ?? ''));
  const cell = (tag: 'td' | 'th') => (text: string, column: number) =>
    `<${tag}${isNumber(column) ? ' class="number"' : ''}>${escapeText(text)}</${tag}>`;
  const body = rows.map(
    row => `<tr${row.includes('BROKEN') ? ' class="broken"' : ''}>${row.map(cell('td')).join('')}</tr>`,
  );
  const heads = head.map(cell('th')).join('');
  return `<h2>${escapeText(title)}</h2>
<div class="wide"><table><thead><tr>${heads}</tr></thead><tbody>
${body.join('\n')}
</tbody></table></div>`;
}
