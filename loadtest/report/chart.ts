import { escapeText } from './escape-text.ts';

export interface Line {
  readonly name: string;
  /** Of the palette; lines of one target share it. */
  readonly colour: number;
  readonly dashed?: boolean;
  /** Pieces that are not joined: between them something else was measured. */
  readonly pieces: readonly (readonly Point[])[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  readonly yScale: 'linear' | 'logarithmic';
  /** Where the x axis is marked, when not at round numbers. */
  readonly xTicks?: readonly { readonly x: number; readonly label: string }[];
}

/** Of a chart, in its own units; it is drawn as wide as the page is. */
const WIDTH = 860;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 44;
/** Half of the longest label below the x axis. */
const LABEL = 28;
const TICKS = 6;
export const PALETTE_SIZE = 8;

/** A chart of lines as SVG, with no script; colours come from the page's style. Nothing where there is nothing to show. */
export function lineChart(options: ChartOptions): string {
  const { title, xLabel, yLabel, lines, yScale } = options;
  const points = lines.flatMap(({ pieces }) => pieces.flat());
  if (points.length === 0) return '';
  const xs = points.map(({ x }) => x);
  const [xMin, xMax] = [Math.min(...xs), Math.max(...xs)];
  const yAxis = yScale === 'linear' ? linearAxis(points) : logarithmicAxis(points);
  const toX = (x: number) => LEFT + ((x - xMin) / (xMax - xMin || 1)) * (WIDTH - LEFT - RIGHT);
  const toY = (y: number) => TOP + (1 - yAxis.at(y)) * (HEIGHT - TOP - BOTTOM);
  const xTicks = options.xTicks ?? roundTicks(xMin, xMax).map(x => ({ x, label: String(x) }));
  return [
    `<figure><figcaption>${escapeText(title)}</figcaption>${legend(lines)}`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(title)}">`,
    ...yAxis.ticks.map(
      y =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(toY(y))}" y2="${round(toY(y))}"/>` +
        `<text class="tick" x="${LEFT - 8}" y="${round(toY(y) + 4)}" text-anchor="end">${shortNumber(y)}</text>`,
    ),
    ...xTicks
      .filter(({ x }) => x >= xMin && x <= xMax)
      .map(
        ({ x, label }) =>
          `<text class="tick" x="${round(toX(x))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="${toX(x) > WIDTH - RIGHT - LABEL ? 'end' : 'middle'}">${escapeText(label)}</text>`,
      ),
    `<text class="label" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escapeText(xLabel)}</text>`,
    `<text class="label" transform="translate(12 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escapeText(yLabel)}</text>`,
    ...lines.flatMap(line => line.pieces.map(piece => draw(line, piece, { toX, toY }))),
    '</svg></figure>',
  ].join('\n');
}

function draw(
  { name, colour, dashed }: Line,
  piece: readonly Point[],
  { toX, toY }: { toX: (x: number) => number; toY: (y: number) => number },
): string {
  const style = `class="line c${colour % PALETTE_SIZE}${dashed ? ' dashed' : ''}"`;
  const [only, ...more] = piece;
  if (!only) return '';
  const title = `<title>${escapeText(name)}</title>`;
  if (more.length === 0)
    return `<circle ${style} cx="${round(toX(only.x))}" cy="${round(toY(only.y))}" r="2">${title}</circle>`;
  const path = piece.map(({ x, y }) => `${round(toX(x))},${round(toY(y))}`).join(' ');
  return `<polyline ${style} points="${path}">${title}</polyline>`;
}

function legend(lines: readonly Line[]): string {
  const items = lines.map(
    ({ name, colour, dashed }) =>
      `<li><svg class="key" viewBox="0 0 20 8"><line class="line c${colour % PALETTE_SIZE}${dashed ? ' dashed' : ''}" x1="0" x2="20" y1="4" y2="4"/></svg>${escapeText(name)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

interface Axis {
  /** From 0 at the bottom to 1 at the top. */
  at(y: number): number;
  readonly ticks: readonly number[];
}

function linearAxis(points: readonly Point[]): Axis {
  const ticks = roundTicks(0, Math.max(...points.map(({ y }) => y)) || 1);
  const top = ticks.at(-1) ?? 1;
  return { at: y => y / top, ticks };
}

/** Whole powers of ten; what is 0 stands at the bottom. */
function logarithmicAxis(points: readonly Point[]): Axis {
  const positive = points.map(({ y }) => y).filter(y => y > 0);
  const low = Math.floor(Math.log10(Math.min(...positive, 1_000)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive, 0.001))));
  const at = (y: number) => (y <= 0 ? 0 : Math.max(0, (Math.log10(y) - low) / (high - low)));
  return { at, ticks: Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)) };
}

/** Round numbers from below `min` to above `max`, about `TICKS` of them. */
export function roundTicks(min: number, max: number): readonly number[] {
  const rough = (max - min) / TICKS || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find(factor => factor * power >= rough) ?? 10) * power;
  const [first, last] = [Math.floor(min / step), Math.ceil(max / step)];
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

function round(value: number): string {
  return value.toFixed(1);
}

function shortNumber(value: number): string {
  return value >= 10_000
    ? `${Number((value / 1_000).toPrecision(3))}k`
    : String(Number(value.toPrecision(3)));
}
