/**
 * The sum of a metric's values in the text that Prometheus reads; with `labels`, of those series alone that have them
 * all. Nothing of that name is 0, as counters are that have not counted yet.
 */
export function metricIn(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  let sum = 0;
  for (const line of text.split('\n')) {
    const [, series, inBraces = '', value] = SAMPLE.exec(line) ?? [];
    if (series !== name) continue;
    if (wanted.every(label => inBraces.includes(label))) sum += Number(value);
  }
  return sum;
}

/** A label's value may hold anything, a brace as well. */
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/;
