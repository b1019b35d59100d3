/** The statements of a resource policy as its owner is shown them: JSON, in their order, with nothing left out. */
interface Document {
  readonly Version?: unknown;
  readonly Id?: unknown;
  readonly Statement: readonly ShownStatement[];
}

export interface ShownStatement {
  readonly Sid?: unknown;
}

export function statementsOf(document: string | undefined): readonly ShownStatement[] {
  return document === undefined ? [] : (JSON.parse(document) as Document).Statement;
}

/** The document with other statements; undefined when none is left. */
export function withStatements(
  document: string | undefined,
  statements: readonly ShownStatement[],
): string | undefined {
  if (statements.length === 0) return undefined;
  const before = document === undefined ? NEW : (JSON.parse(document) as Document);
  return JSON.stringify({ ...before, Statement: statements });
}

const NEW = { Version: '2012-10-17', Id: 'default' };
