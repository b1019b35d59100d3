import type { Labels } from './telemetry.ts';

/**
 * How many functions (or values of any other label) are told apart in metrics. Each costs memory in every metric
 * it appears in, here and in whatever collects them; a thousand keeps one scrape in the low megabytes.
 */
export const METRIC_FUNCTIONS_MAX = 1_000;

/** What every further value is counted as. */
export const OTHER = 'other';

/** Lets through the first `METRIC_FUNCTIONS_MAX` values of each label; all further ones become `other`. */
export class BoundedLabels {
  readonly #seen = new Map<string, Set<unknown>>();
  readonly #max: number;

  constructor(options: { max?: number } = {}) {
    this.#max = options.max ?? METRIC_FUNCTIONS_MAX;
  }

  bound(labels: Labels | undefined): Labels | undefined {
    if (labels === undefined) return undefined;
    let bounded: Record<string, string | number | boolean> | undefined;
    for (const [name, value] of Object.entries(labels)) {
      if (this.#admits(name, value)) continue;
      bounded ??= { ...labels };
      bounded[name] = OTHER;
    }
    return bounded ?? labels;
  }

  #admits(name: string, value: unknown): boolean {
    const values = this.#seen.get(name) ?? new Set();
    if (values.has(value)) return true;
    if (values.size >= this.#max) return false;
    values.add(value);
    this.#seen.set(name, values);
    return true;
  }
}
