import { roundTicks } from './chart.ts';
import { escapeText } from './escape-text.ts';
import type { RatioFound } from './report.ts';

const WIDTH = 860;
const ROW = 30;
const LEFT = 300;
const RIGHT = 20;
const BOTTOM = 24;

/** Each ratio from its least to its most, with a dot at the median and a mark at what was wanted. */
export function ratioChart(ratios: readonly RatioFound[]): string {
  const found = ratios.flatMap(({ ratio, ...rest }) => (ratio ? [{ ...rest, ratio }] : []));
  if (found.length === 0) return '';
  const limits = found.flatMap(({ atMost, atLeast }) => [atMost ?? 0, atLeast ?? 0]);
  const ticks = roundTicks(0, Math.max(...found.map(({ ratio }) => ratio.most), ...limits, 1));
  const most = ticks.at(-1) ?? 1;
  const toX = (value: number) => (LEFT + (value / most) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const height = found.length * ROW + BOTTOM;
  const rows = found.map(({ name, ratio, atMost, atLeast }, index) => {
    const y = index * ROW + ROW / 2;
    const marks = [atMost, atLeast].filter(limit => limit !== undefined);
    return [
      `<text class="label" x="${LEFT - 10}" y="${y + 4}" text-anchor="end">${escapeText(name)}</text>`,
      `<line class="range c0" x1="${toX(ratio.least)}" x2="${toX(ratio.most)}" y1="${y}" y2="${y}"/>`,
      `<circle class="dot c0" cx="${toX(ratio.median)}" cy="${y}" r="5"><title>${ratio.median.toFixed(2)}</title></circle>`,
      ...marks.map(
        limit =>
          `<line class="limit" x1="${toX(limit)}" x2="${toX(limit)}" y1="${y - 11}" y2="${y + 11}"><title>wanted: ${limit}</title></line>`,
      ),
    ].join('');
  });
  const axis = ticks.map(
    tick =>
      `<line class="grid" x1="${toX(tick)}" x2="${toX(tick)}" y1="0" y2="${height - BOTTOM}"/><text class="tick" x="${toX(tick)}" y="${height - 6}" text-anchor="middle">${tick}</text>`,
  );
  return `<figure><figcaption>Ratios: least, median and most of the blocks; | is what was wanted</figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Ratios">
${[...axis, ...rows].join('\n')}
</svg></figure>`;
}
