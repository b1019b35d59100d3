import { BlockList, isIP } from 'node:net';
import { matchesArn } from './arn-pattern.ts';
import { compilePattern, matches, type Variables } from './pattern.ts';

/** Whether a value of the request is what a condition's value asks for. */
type Test = (wanted: string, given: string, variables: Variables) => boolean;

interface Operator {
  readonly test: Test;
  /** Holds where the test does not, and where the request has no such key. */
  readonly negated?: true;
}

/** `IfExists` and the prefixes of sets are not here: they go with any of these. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  ...both(
    'String',
    'Equals',
    literally((wanted, given) => wanted === given),
  ),
  ...both(
    'String',
    'EqualsIgnoreCase',
    literally((a, b) => a.toLowerCase() === b.toLowerCase()),
  ),
  ...both('String', 'Like', like),
  ...both(
    'Numeric',
    'Equals',
    numbers((wanted, given) => given === wanted),
  ),
  NumericLessThan: { test: numbers((wanted, given) => given < wanted) },
  NumericLessThanEquals: { test: numbers((wanted, given) => given <= wanted) },
  NumericGreaterThan: { test: numbers((wanted, given) => given > wanted) },
  NumericGreaterThanEquals: { test: numbers((wanted, given) => given >= wanted) },
  ...both(
    'Date',
    'Equals',
    dates((wanted, given) => given === wanted),
  ),
  DateLessThan: { test: dates((wanted, given) => given < wanted) },
  DateLessThanEquals: { test: dates((wanted, given) => given <= wanted) },
  DateGreaterThan: { test: dates((wanted, given) => given > wanted) },
  DateGreaterThanEquals: { test: dates((wanted, given) => given >= wanted) },
  Bool: { test: literally((wanted, given) => wanted.toLowerCase() === given.toLowerCase()) },
  BinaryEquals: { test: (wanted, given) => wanted === given },
  IpAddress: { test: inRange },
  NotIpAddress: { test: inRange, negated: true },
  // On ARNs both are the same to AWS.
  ...both('Arn', 'Equals', matchesArn),
  ...both('Arn', 'Like', matchesArn),
};

const NAME = /^(?:(?<set>ForAllValues|ForAnyValue):)?(?<base>[A-Za-z]+?)(?<ifExists>IfExists)?$/;

export function isConditionOperator(name: string): boolean {
  return name === 'Null' || operatorOf(name) !== undefined;
}

/** `given` is what the request has under the condition's key; undefined: nothing. */
export function holds(
  name: string,
  wanted: readonly string[],
  given: readonly string[] | undefined,
  variables: Variables,
): boolean {
  if (name === 'Null')
    return wanted.some(isNull => (isNull.toLowerCase() === 'true') === (given === undefined));
  const operator = operatorOf(name);
  if (!operator) return false;
  const { test, negated = false, set, ifExists } = operator;
  if (given === undefined) return ifExists || set === 'ForAllValues' || (negated && set === undefined);
  const isWanted = (value: string) => wanted.some(each => test(each, value, variables)) !== negated;
  // A key of one value needs no set; of several, a negation must hold for all.
  const all = set === 'ForAllValues' || (set === undefined && negated);
  return all ? given.every(isWanted) : given.some(isWanted);
}

function operatorOf(
  name: string,
): (Operator & { readonly set: string | undefined; readonly ifExists: boolean }) | undefined {
  const { set, base = '', ifExists } = NAME.exec(name)?.groups ?? {};
  const operator = Object.hasOwn(OPERATORS, base) ? OPERATORS[base] : undefined;
  return operator && { ...operator, set, ifExists: ifExists !== undefined };
}

function both(type: string, name: string, test: Test): Readonly<Record<string, Operator>> {
  return { [`${type}${name}`]: { test }, [`${type}Not${name}`]: { test, negated: true } };
}

/** Where `*` and `?` are characters like others, and variables are not. */
function literally(same: (wanted: string, given: string) => boolean): Test {
  return (wanted, given, variables) => {
    const parts = /\$\{/.test(wanted) ? compilePattern(wanted, variables) : undefined;
    if (!parts) return !/\$\{/.test(wanted) && same(wanted, given);
    const text = parts.map(part => (part.kind === 'is' ? part.char : part.kind === 'any' ? '*' : '?'));
    return same(text.join(''), given);
  };
}

function like(wanted: string, given: string, variables: Variables): boolean {
  const pattern = compilePattern(wanted, variables);
  return pattern !== undefined && matches(pattern, given);
}

function numbers(compare: (wanted: number, given: number) => boolean): Test {
  return (wanted, given) =>
    wanted.trim() !== '' && given.trim() !== '' && compare(Number(wanted), Number(given));
}

/** ISO 8601, or seconds since 1970. */
function dates(compare: (wanted: number, given: number) => boolean): Test {
  const instant = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text));
  return (wanted, given) => compare(instant(wanted), instant(given));
}

function inRange(wanted: string, given: string): boolean {
  const [network = '', length] = wanted.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const bits = length === undefined ? (family === 'ipv6' ? 128 : 32) : Number(length);
  if (isIP(network) === 0 || isIP(given) === 0) return false;
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv6' ? 128 : 32)) return false;
  const range = new BlockList();
  range.addSubnet(network, bits, family);
  return range.check(given, isIP(given) === 6 ? 'ipv6' : 'ipv4');
}
