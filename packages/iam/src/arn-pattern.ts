import { compilePattern, matches, type Variables } from './pattern.ts';

const PARTS = 6;

/**
 * Whether an ARN is one of those the pattern names. Each of the six parts is looked at for itself, so that no
 * wildcard reaches into the next; parts that the pattern leaves out may be anything.
 */
export function matchesArn(pattern: string, arn: string, variables: Variables): boolean {
  if (pattern === '*') return true;
  const wanted = partsOf(pattern);
  const given = partsOf(arn);
  if (given.length < PARTS) return false;
  return given.every((part, i) => {
    const compiled = compilePattern(wanted[i] ?? '*', variables);
    return compiled !== undefined && matches(compiled, part);
  });
}

/** Colons after the fifth belong to the last part, and those of a variable to its part. */
function partsOf(arn: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (const match of arn.matchAll(/\$\{[^}]*\}|:/g)) {
    if (match[0] !== ':') continue;
    if (parts.length === PARTS - 1) break;
    parts.push(arn.slice(start, match.index));
    start = match.index + 1;
  }
  return [...parts, arn.slice(start)];
}
