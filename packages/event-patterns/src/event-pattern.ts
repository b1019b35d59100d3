import { type Condition, parseConditions } from './condition.ts';

/**
 * Which events are wanted, in the language that EventBridge and Lambda's event filters share: an object in the shape of
 * the event, whose leaves are lists of conditions of which one must hold. All members must match; of `$or`, one of its
 * objects. What stands in a list in the event matches by any one of its elements, and of a list of objects all members
 * by the same one.
 */
export interface EventPattern {
  matches(event: unknown): boolean;
}

/** Undefined for what is no pattern. */
export function parseEventPattern(text: string): EventPattern | undefined {
  let source: unknown;
  try {
    source = JSON.parse(text);
  } catch {
    return undefined;
  }
  const node = parseNode(source, DEPTH_MAX);
  return node && { matches: event => nodeMatches(node, event) };
}

/** Deeper than any pattern of 4,096 characters with a use; the stack holds a hundred times as many. */
const DEPTH_MAX = 64;

interface Node {
  readonly members: readonly (readonly [name: string, wanted: Node | readonly Condition[]])[];
  /** Of each `$or`, one is to match. */
  readonly alternatives: readonly (readonly Node[])[];
}

function parseNode(source: unknown, depth: number): Node | undefined {
  if (!isObject(source) || depth === 0) return undefined;
  const members: [string, Node | readonly Condition[]][] = [];
  const alternatives: Node[][] = [];
  for (const [name, value] of Object.entries(source)) {
    if (name === '$or') {
      const nodes = parseAlternatives(value, depth - 1);
      if (!nodes) return undefined;
      alternatives.push(nodes);
      continue;
    }
    const wanted = Array.isArray(value) ? parseConditions(value) : parseNode(value, depth - 1);
    if (!wanted) return undefined;
    members.push([name, wanted]);
  }
  return members.length + alternatives.length === 0 ? undefined : { members, alternatives };
}

function parseAlternatives(source: unknown, depth: number): Node[] | undefined {
  if (!Array.isArray(source) || source.length < 2) return undefined;
  const nodes = source.map(alternative => parseNode(alternative, depth));
  return nodes.every(node => node !== undefined) ? nodes : undefined;
}

function nodeMatches(node: Node, event: unknown): boolean {
  const { members, alternatives } = node;
  const own = isObject(event) ? event : {};
  return (
    members.every(([name, wanted]) => {
      const value = Object.hasOwn(own, name) ? own[name] : undefined;
      return 'members' in wanted ? anyMatches(wanted, value) : leafMatches(wanted, value);
    }) && alternatives.every(nodes => nodes.some(alternative => nodeMatches(alternative, event)))
  );
}

/** What is absent, or no object, matches where only the absence of its leaves is wanted. */
function anyMatches(node: Node, value: unknown): boolean {
  if (!Array.isArray(value)) return nodeMatches(node, value);
  const elements = elementsOf(value);
  return elements.length === 0 ? nodeMatches(node, undefined) : elements.some(one => nodeMatches(node, one));
}

function leafMatches(conditions: readonly Condition[], value: unknown): boolean {
  const leaves = (Array.isArray(value) ? elementsOf(value) : [value]).filter(isLeaf);
  return conditions.some(condition =>
    condition.kind === 'absent' ? leaves.length === 0 : leaves.some(leaf => condition.holds(leaf)),
  );
}

/** Lists in lists are one list. Without recursion: how deep they lie is for whoever sends the event to say. */
function elementsOf(list: readonly unknown[]): readonly unknown[] {
  const elements: unknown[] = [];
  const left = [...list].reverse();
  while (left.length > 0) {
    const next = left.pop();
    if (Array.isArray(next)) for (const inner of next.toReversed()) left.push(inner);
    else elements.push(next);
  }
  return elements;
}

function isLeaf(value: unknown): value is string | number | boolean | null {
  return value !== undefined && (value === null || typeof value !== 'object');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
