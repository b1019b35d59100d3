import assert from 'node:assert/strict';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './aws-error.ts';
import type { Constraint, Constraints } from './constraint.ts';
import { type Phrase, phrasesFor, wireText } from './constraint-phrases.ts';
import { requiredMembers } from './schemas.ts';

/** Throws the AwsError that AWS answers to an input which breaks a constraint. */
export type Validate = (input: unknown) => void;

/** More are not reported: a request of many broken members must not cost an answer larger than itself. */
const VIOLATIONS_MAX = 50;

interface Findings {
  readonly violations: string[];
  refusal: string | undefined;
}

/** `path` is AWS's spelling: lower camel case, and `1.member` for the first element of a list. */
type Check = (value: unknown, path: string, findings: Findings) => void;

/** Walks the schema once, keeping only what there is to check: most inputs come down to a few comparisons. */
export function compileValidator(
  input: NormalizedSchema,
  constraints: Constraints = {},
  errorName = 'ValidationException',
): Validate {
  const compiler = new Compiler(constraints);
  const check = compiler.compile(input, '');
  compiler.assertAllUsed();
  if (!check) return () => {};
  return value => {
    const findings: Findings = { violations: [], refusal: undefined };
    check(value, '', findings);
    if (findings.violations.length > 0) throw validationError(findings.violations, errorName);
    if (findings.refusal !== undefined)
      throw new AwsError('InvalidParameterValueException', findings.refusal);
  };
}

function validationError(violations: readonly string[], errorName: string): AwsError {
  const count = violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`;
  return new AwsError(errorName, `${count} detected: ${violations.join('; ')}`);
}

class Compiler {
  readonly #constraints: Constraints;
  readonly #used = new Set<string>();
  /** The structures on the way down: a schema that contains itself is checked to its first repetition. */
  readonly #within = new Set<unknown>();

  constructor(constraints: Constraints) {
    this.#constraints = constraints;
  }

  /** A row for a member that does not exist is a slip, and would silently check nothing. */
  assertAllUsed(): void {
    for (const path of Object.keys(this.#constraints))
      assert(this.#used.has(path), `no member is at ${path}`);
  }

  compile(schema: NormalizedSchema, path: string): Check | undefined {
    const own = this.#own(schema, path);
    const inner = this.#inner(schema, path);
    if (!own || !inner) return own ?? inner;
    return (value, at, findings) => {
      own(value, at, findings);
      inner(value, at, findings);
    };
  }

  #own(schema: NormalizedSchema, path: string): Check | undefined {
    const constraint = this.#take(path);
    if (!constraint) return undefined;
    // What is wrong with one value AWS says the other way round: its pattern before its length.
    const phrases = phrasesFor(constraint, schema).toReversed();
    const { refuse, sensitive } = constraint;
    return (value, at, findings) => {
      for (const phrase of phrases)
        if (!phrase.holds(value)) report(findings, { value, at, phrase: phrase.text, sensitive });
      if (refuse) findings.refusal ??= refuse(value as string);
    };
  }

  #inner(schema: NormalizedSchema, path: string): Check | undefined {
    if (schema.isStructSchema()) return this.#structure(schema, path);
    if (schema.isListSchema()) return this.#list(schema, path);
    if (schema.isMapSchema()) return this.#map(schema, path);
    return undefined;
  }

  #structure(schema: NormalizedSchema, path: string): Check | undefined {
    const identity = schema.getSchema();
    if (this.#within.has(identity)) return undefined;
    this.#within.add(identity);
    const members = [...schema.structIterator()].map(([name, member], index) => ({
      name,
      wireName: name.charAt(0).toLowerCase() + name.slice(1),
      required: index < requiredMembers(schema),
      check: this.compile(member, path ? `${path}.${name}` : name),
    }));
    this.#within.delete(identity);
    const checked = members.filter(({ required, check }) => required || check);
    if (checked.length === 0) return undefined;
    return (value, at, findings) => {
      for (const { name, wireName, required, check } of checked) {
        const inner = (value as Record<string, unknown>)[name];
        const innerPath = at ? `${at}.${wireName}` : wireName;
        if (inner !== undefined) check?.(inner, innerPath, findings);
        else if (required) report(findings, { value: null, at: innerPath, phrase: NOT_NULL });
      }
    };
  }

  /** What the elements themselves must satisfy is said of the whole list; what lies deeper, of its own path. */
  #list(schema: NormalizedSchema, path: string): Check | undefined {
    const element = schema.getValueSchema();
    const phrases = this.#phrasesOf(element, `${path}.member`);
    const inner = this.#inner(element, `${path}.member`);
    if (!phrases && !inner) return undefined;
    return (value, at, findings) => {
      const list = value as unknown[];
      if (phrases && !list.every(item => phrases.every(({ holds }) => holds(item))))
        report(findings, { value, at, phrase: `Member must satisfy constraint: ${bracket(phrases)}` });
      if (inner)
        for (const [index, item] of list.entries()) inner(item, `${at}.${index + 1}.member`, findings);
    };
  }

  #map(schema: NormalizedSchema, path: string): Check | undefined {
    const ofKeys = this.#phrasesOf(schema.getKeySchema(), `${path}.key`);
    const ofValues = this.#phrasesOf(schema.getValueSchema(), `${path}.value`);
    const inner = this.#inner(schema.getValueSchema(), `${path}.value`);
    const sensitive = this.#constraints[path]?.sensitive;
    if (!ofKeys && !ofValues && !inner) return undefined;
    return (value, at, findings) => {
      const entries = Object.entries(value as Record<string, unknown>);
      if (ofKeys && !entries.every(([key]) => ofKeys.every(({ holds }) => holds(key))))
        report(findings, {
          value,
          at,
          phrase: `Map keys must satisfy constraint: ${bracket(ofKeys)}`,
          sensitive,
        });
      if (ofValues && !entries.every(([, item]) => ofValues.every(({ holds }) => holds(item))))
        report(findings, {
          value,
          at,
          phrase: `Map value must satisfy constraint: ${bracket(ofValues)}`,
          sensitive,
        });
      if (inner) for (const [key, item] of entries) inner(item, `${at}.${key}.member`, findings);
    };
  }

  #phrasesOf(schema: NormalizedSchema, path: string): readonly Phrase[] | undefined {
    const constraint = this.#take(path);
    return constraint && phrasesFor(constraint, schema);
  }

  #take(path: string): Constraint | undefined {
    const constraint = this.#constraints[path];
    if (constraint) this.#used.add(path);
    return constraint;
  }
}

const NOT_NULL = 'Member must not be null';

/** AWS lists, for the members of a collection, everything they must satisfy, and last that they must be there. */
function bracket(phrases: readonly Phrase[]): string {
  return `[${[...phrases.map(({ text }) => text), NOT_NULL].join(', ')}]`;
}

function report(
  findings: Findings,
  {
    value,
    at,
    phrase,
    sensitive,
  }: { value: unknown; at: string; phrase: string; sensitive?: true | undefined },
): void {
  if (findings.violations.length >= VIOLATIONS_MAX) return;
  const shown = value === null ? ' null' : sensitive ? '' : ` '${wireText(value)}'`;
  findings.violations.push(`Value${shown} at '${at}' failed to satisfy constraint: ${phrase}`);
}
