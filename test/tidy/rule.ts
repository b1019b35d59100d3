import type { SourceFile } from './source-tree.ts';

/** A rule of the house: looks at the whole tree and tells each breach as `path[:line]: what, and what instead`. */
export type Rule = (files: readonly SourceFile[]) => string[];

/** TypeScript that people wrote and that runs in production: no tests, no fixtures. */
export function isProduction(file: SourceFile): boolean {
  return /^(packages|services|cli)\/.*\.ts$/.test(file.path) && !isTest(file) && !isFixture(file);
}

export function isTest(file: SourceFile): boolean {
  return file.path.endsWith('.test.ts');
}

export function isFixture(file: SourceFile): boolean {
  return file.path.includes('/fixtures/');
}

/** One breach for each line that `pattern` finds something in. */
export function breachesByLine(file: SourceFile, pattern: RegExp, say: (found: string) => string): string[] {
  return file.text.split('\n').flatMap((line, index) => {
    const found = pattern.exec(line);
    return found ? [`${file.path}:${index + 1}: ${say(found[0])}`] : [];
  });
}
