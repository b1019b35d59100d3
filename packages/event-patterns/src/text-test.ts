import { parseWildcard } from './wildcard.ts';

export type TextTest = (text: string) => boolean;

/** Of the operators that look at texts. Undefined for what is none of them, or for an operand that it does not take. */
export function parseTextTest(operator: string, operand: unknown): TextTest | undefined {
  switch (operator) {
    case 'prefix':
      return parseEnd(operand, (text, part) => text.startsWith(part));
    case 'suffix':
      return parseEnd(operand, (text, part) => text.endsWith(part));
    case 'equals-ignore-case':
      return folded(operand, (text, whole) => text === whole);
    case 'wildcard':
      return typeof operand === 'string' ? parseWildcard(operand) : undefined;
    default:
      return undefined;
  }
}

type Compare = (text: string, operand: string) => boolean;

/** A text, or `{"equals-ignore-case": text}`. */
function parseEnd(operand: unknown, compare: Compare): TextTest | undefined {
  if (typeof operand === 'string') return text => compare(text, operand);
  if (typeof operand !== 'object' || operand === null) return undefined;
  const [entry, ...others] = Object.entries(operand);
  if (entry?.[0] !== 'equals-ignore-case' || others.length > 0) return undefined;
  return folded(entry[1], compare);
}

function folded(operand: unknown, compare: Compare): TextTest | undefined {
  if (typeof operand !== 'string') return undefined;
  const lower = operand.toLowerCase();
  return text => compare(text.toLowerCase(), lower);
}
