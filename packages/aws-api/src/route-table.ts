import assert from 'node:assert/strict';

/** Where a request leads, with what its path and query say. */
export interface Route<T> {
  readonly value: T;
  /** The labels' values, percent-decoded, in the order of the template. */
  readonly labels: readonly string[];
  /** Undefined for a request without a query. */
  readonly query: URLSearchParams | undefined;
}

interface Variant<T> {
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly value: T;
}

interface Branch<T> {
  readonly literals: Map<string, Branch<T>>;
  label: Branch<T> | undefined;
  /** Those with a literal query stand before the one without. */
  readonly variants: Variant<T>[];
}

/**
 * Finds what a method and a path address, segment by segment: the cost is that of the path's depth, not of the
 * number of routes. Paths are split on raw slashes first and decoded after, so a label may hold an ARN whose
 * slashes are `%2F`. One trailing slash is ignored, as some clients send it.
 */
export class RouteTable<T> {
  readonly #methods = new Map<string, Branch<T>>();

  /** `uri` is `/a/{Label}/b`, with `?name=value` where only a literal query tells two operations apart. */
  add(method: string, uri: string, value: T): void {
    const [path = '', query = ''] = uri.split('?', 2);
    let branch = this.#methods.get(method) ?? createBranch<T>();
    this.#methods.set(method, branch);
    for (const segment of path.split('/').slice(1)) branch = step(branch, segment);
    const literals = [...new URLSearchParams(query)];
    assert(
      !branch.variants.some(variant => sameQuery(variant.query, literals)),
      `${method} ${uri} leads to two operations`,
    );
    branch.variants.push({ query: literals, value });
    branch.variants.sort((one, other) => other.query.length - one.query.length);
  }

  /** `target` is the request's target as it came: a path and perhaps a query. */
  find(method: string, target: string): Route<T> | undefined {
    const start = this.#methods.get(method);
    if (!start || !target.startsWith('/')) return undefined;
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    const segments = path.split('/');
    const depth = path.length > 1 && path.endsWith('/') ? segments.length - 1 : segments.length;
    const labels: string[] = [];
    let branch = start;
    for (let index = 1; index < depth; index += 1) {
      const segment = segments[index] as string;
      const literal = branch.literals.get(segment);
      if (literal) branch = literal;
      else {
        const label = branch.label && decodeLabel(segment);
        if (!branch.label || !label) return undefined;
        labels.push(label);
        branch = branch.label;
      }
    }
    const query = mark < 0 ? undefined : new URLSearchParams(target.slice(mark + 1));
    const variant = branch.variants.find(({ query: wanted }) => answers(query, wanted));
    return variant && { value: variant.value, labels, query };
  }
}

/** The labels that a template names, in order. */
export function labelsOf(uri: string): string[] {
  return Array.from(uri.matchAll(/\{(\w+)\}/g), match => match[1] as string);
}

function createBranch<T>(): Branch<T> {
  return { literals: new Map(), label: undefined, variants: [] };
}

/** A branch has literals or a label, never both, so that a find never has to turn back. */
function step<T>(branch: Branch<T>, segment: string): Branch<T> {
  if (segment.startsWith('{')) {
    assert(/^\{\w+\}$/.test(segment), `the label ${segment} is not of a kind that can be routed`);
    assert(branch.literals.size === 0, `${segment} stands where a literal does`);
    branch.label ??= createBranch();
    return branch.label;
  }
  assert(!branch.label, `${segment} stands where a label does`);
  const next = branch.literals.get(segment) ?? createBranch<T>();
  branch.literals.set(segment, next);
  return next;
}

/** Undefined for an empty label and for a broken percent-encoding: neither can name anything. */
function decodeLabel(segment: string): string | undefined {
  if (!segment.includes('%')) return segment || undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not UTF-8 or not hexadecimal: the path is one that no client of AWS makes.
    return undefined;
  }
}

function answers(query: URLSearchParams | undefined, wanted: Variant<unknown>['query']): boolean {
  return wanted.every(([name, value]) => query?.get(name) === value);
}

function sameQuery(one: Variant<unknown>['query'], other: Variant<unknown>['query']): boolean {
  return (
    one.length === other.length &&
    one.every(([name, value], i) => other[i]?.[0] === name && other[i][1] === value)
  );
}
