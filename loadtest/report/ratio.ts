/** A ratio as this project reports it: the median of the blocks' own ratios, with the least and the most. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** `above` and `below` hold one value per block, measured beside each other. Undefined without a block that has both. */
export function ratioOf(above: readonly number[], below: readonly number[]): Ratio | undefined {
  const ratios = above.map((value, block) => value / (below[block] ?? Number.NaN)).filter(Number.isFinite);
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [below = Number.NaN, above = Number.NaN] = [
    sorted[Math.ceil(middle) - 1],
    sorted[Math.floor(middle)],
  ];
  return (below + above) / 2;
}

export function showRatio(ratio: Ratio | undefined): string {
  if (!ratio) return 'nothing to compare';
  return `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)})`;
}
