import type { Rule } from './rule.ts';

const TABLE = 'packages/core/src/errors.ts';
const DOCUMENT = 'docs/errors.md';
/** A row of the table: its reason, quoted or not, opens an object at the first indent. */
const ROW = /^ {2}'?([a-z][a-z-]*)'?: \{/gm;
const HEADING = /^### `([a-z-]+)`$/gm;

/** Every reason is explained, and nothing is explained that cannot happen. */
export const errorDocs: Rule = files => {
  const textOf = (path: string) => files.find(file => file.path === path)?.text ?? '';
  const table = /export const ERRORS = \{\n(.*?)\n\}/s.exec(textOf(TABLE))?.[1] ?? '';
  const reasons = namesIn(`${table}\n`, ROW);
  const explained = namesIn(textOf(DOCUMENT), HEADING);
  if (reasons.size === 0) return [`${TABLE}: no row of the table of errors was found`];
  return [
    ...[...reasons.difference(explained)].map(name => `${DOCUMENT}: ${name} is not explained`),
    ...[...explained.difference(reasons)].map(name => `${DOCUMENT}: ${name} is no reason of ${TABLE}`),
  ];
};

function namesIn(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map(match => match[1] ?? ''));
}
