import { AwsError } from '@lambent/aws-api';

/** The statements of a resource policy as its owner is shown them: JSON, in their order, with nothing left out. */
interface Document {
  readonly Version?: unknown;
  readonly Id?: unknown;
  readonly Statement: readonly ShownStatement[];
}

export interface ShownStatement {
  readonly Sid?: unknown;
}

function statementsOf(document: string | undefined): readonly ShownStatement[] {
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

/** The document with one statement more, whose id no other has. */
export function withStatement(document: string | undefined, statement: ShownStatement): string | undefined {
  const statements = statementsOf(document);
  if (statements.some(({ Sid }) => Sid === statement.Sid))
    throw new AwsError(
      'ResourceConflictException',
      `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  return withStatements(document, [...statements, statement]);
}

/** The document without the statement of that id; undefined when it was the last. */
export function withoutStatement(document: string | undefined, id: string | undefined): string | undefined {
  const statements = statementsOf(document);
  const left = statements.filter(({ Sid }) => Sid !== id);
  if (left.length === statements.length)
    throw new AwsError('ResourceNotFoundException', `Statement ${id} is not found in resource policy.`);
  return withStatements(document, left);
}

const NEW = { Version: '2012-10-17', Id: 'default' };
