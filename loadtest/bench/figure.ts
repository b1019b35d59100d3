import type { Clock } from '@lambent/core';
import type { Ratio } from '../report/ratio.ts';

/** What a figure is measured with. */
export interface Bench {
  readonly clock: Clock;
  /** Ends the run early: whoever measures stops, and ends what it has started. */
  readonly signal: AbortSignal;
  /** Everything is measured so often, beside what it is compared with. */
  readonly blocks: number;
  /** How long a load lasts, of one target in one block. */
  readonly blockMs: number;
  /** What is going on, for somebody who watches. */
  readonly progress: (text: string) => void;
}

/** One number to be judged: a ratio of two things measured in one run. */
export interface Finding {
  /** What is divided by what. */
  readonly about: string;
  /** Undefined where one of the two was not measured. */
  readonly ratio: Ratio | undefined;
  readonly goal?: Goal;
}

/** A ratio is to be no more, or no less. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** What was measured to come to the findings: it judges nothing, being of one machine at one time. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly [name: string, ...values: number[]])[];
}

export interface Figures {
  readonly findings: readonly Finding[];
  readonly tables: readonly Table[];
  /** What one must know to read them. */
  readonly notes?: readonly string[];
}

/** One thing worth measuring. It starts all it needs, and leaves nothing behind. */
export interface Figure {
  /** As `--only` selects it. */
  readonly name: string;
  measure(bench: Bench): Promise<Figures>;
}

export function isMet(goal: Goal, ratio: Ratio): boolean {
  return 'atMost' in goal ? ratio.median <= goal.atMost : ratio.median >= goal.atLeast;
}
