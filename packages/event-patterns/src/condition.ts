import { parseCidr } from './cidr.ts';
import { parseNumeric } from './numeric.ts';
import { parseTextTest, type TextTest } from './text-test.ts';

/** What one leaf of an event is held against. */
export type Condition =
  | { readonly kind: 'leaf'; holds(leaf: Leaf): boolean }
  /** There is no leaf of that name. */
  | { readonly kind: 'absent' };

export type Leaf = string | number | boolean | null;

/** Undefined where one of them is none, or there are none at all. */
export function parseConditions(sources: readonly unknown[]): readonly Condition[] | undefined {
  const conditions = sources.map(parseCondition);
  if (conditions.length === 0) return undefined;
  return conditions.every(condition => condition !== undefined) ? conditions : undefined;
}

function parseCondition(source: unknown): Condition | undefined {
  if (source === null || typeof source !== 'object') return leaf(value => value === source);
  const [entry, ...others] = Object.entries(source);
  if (!entry || others.length > 0 || Array.isArray(source)) return undefined;
  const [operator, operand] = entry;
  switch (operator) {
    case 'exists':
      if (operand === false) return { kind: 'absent' };
      return operand === true ? leaf(() => true) : undefined;
    case 'numeric': {
      const numeric = parseNumeric(operand);
      return numeric && leaf(value => typeof value === 'number' && numeric(value));
    }
    case 'cidr': {
      const within = parseCidr(operand);
      return within && leaf(value => typeof value === 'string' && within(value));
    }
    case 'anything-but':
      return parseAnythingBut(operand);
    default:
      return ofText(parseTextTest(operator, operand));
  }
}

/** Of values, or of one further operator on texts, which then may have several operands. */
function parseAnythingBut(operand: unknown): Condition | undefined {
  if (typeof operand !== 'object' || operand === null || Array.isArray(operand)) {
    const excluded: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
    if (excluded.length === 0 || !excluded.every(value => ['string', 'number'].includes(typeof value)))
      return undefined;
    return leaf(value => !excluded.includes(value));
  }
  const [entry, ...others] = Object.entries(operand);
  if (!entry || others.length > 0) return undefined;
  const [operator, inner] = entry;
  const operands: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
  // An empty text begins and ends everything: nothing would be left.
  const tests = operands.map(text => (text === '' ? undefined : parseTextTest(operator, text)));
  if (tests.length === 0 || !tests.every(test => test !== undefined)) return undefined;
  return leaf(value => !(typeof value === 'string' && tests.some(test => test(value))));
}

function ofText(test: TextTest | undefined): Condition | undefined {
  return test && leaf(value => typeof value === 'string' && test(value));
}

function leaf(holds: (leaf: Leaf) => boolean): Condition {
  return { kind: 'leaf', holds };
}
