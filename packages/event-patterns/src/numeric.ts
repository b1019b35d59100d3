/** `["=", n]`, one bound, or a lower and an upper one. Undefined for everything else. */
export function parseNumeric(operand: unknown): ((value: number) => boolean) | undefined {
  if (!Array.isArray(operand)) return undefined;
  const [operator, bound, upperOperator, upper, ...others] = operand as readonly unknown[];
  if (!isNumber(bound) || others.length > 0) return undefined;
  if (operand.length === 2) return comparison(operator, bound);
  if (operand.length !== 4 || !isNumber(upper) || bound >= upper) return undefined;
  if (operator !== '>' && operator !== '>=') return undefined;
  if (upperOperator !== '<' && upperOperator !== '<=') return undefined;
  const [above, below] = [comparison(operator, bound), comparison(upperOperator, upper)];
  return above && below && (value => above(value) && below(value));
}

function comparison(operator: unknown, bound: number): ((value: number) => boolean) | undefined {
  switch (operator) {
    case '=':
      return value => value === bound;
    case '>':
      return value => value > bound;
    case '>=':
      return value => value >= bound;
    case '<':
      return value => value < bound;
    case '<=':
      return value => value <= bound;
    default:
      return undefined;
  }
}

/** As EventBridge documents it. */
const NUMBER_MAX = 5e9;

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= NUMBER_MAX;
}
