import { isProduction } from './rule.ts';
import type { SourceFile } from './source-tree.ts';

/** What has nothing to test: a door, a program's first line. */
const NO_TWIN = /(^|\/)(index|main)\.ts$/;
/** A test, or one that needs a real engine. */
const TWINS = ['.test.ts', '.engine.test.ts'];
/** A port or a table of constants runs nothing of its own. */
const RUNS_SOMETHING = /^export (async )?(function|class|abstract class)\b/m;

export interface Twins {
  /** How many code files there are. */
  readonly files: number;
  /** Those that have no test of their own name beside them. */
  readonly without: readonly string[];
}

export function twinsOf(files: readonly SourceFile[]): Twins {
  const paths = new Set(files.map(file => file.path));
  const code = files
    .filter(file => isProduction(file) && !NO_TWIN.test(file.path) && RUNS_SOMETHING.test(file.text))
    .map(file => file.path);
  const hasTwin = (path: string) => TWINS.some(twin => paths.has(path.replace(/\.ts$/, twin)));
  return { files: code.length, without: code.filter(path => !hasTwin(path)) };
}
