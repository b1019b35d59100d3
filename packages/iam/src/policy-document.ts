import { z } from 'zod';
import { isConditionOperator } from './condition.ts';

/**
 * A policy document in IAM's language, read strictly: what is not understood is refused, since a statement of which
 * a part is overlooked would grant more than it says.
 */

const oneOrMore = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given));

/** JSON's numbers and truth values stand for their texts. */
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const conditionValues = z
  .union([scalar, z.array(scalar).min(1)])
  .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given));

const principals = z
  .union([
    z.literal('*'),
    z.partialRecord(z.enum(['AWS', 'Service', 'Federated', 'CanonicalUser']), oneOrMore),
  ])
  .transform(given => (given === '*' ? { AWS: ['*'] } : given));

const action = oneOrMore.refine(
  actions => actions.every(each => each === '*' || /^[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+$/.test(each)),
  'Actions must be "*" or of the form service:action',
);
const resource = oneOrMore.refine(
  resources => resources.every(each => each === '*' || each.startsWith('arn:')),
  'Resources must be "*" or ARNs',
);

const StatementSchema = z
  .strictObject({
    Sid: z.string().exactOptional(),
    Effect: z.enum(['Allow', 'Deny']),
    Principal: principals.exactOptional(),
    NotPrincipal: principals.exactOptional(),
    Action: action.exactOptional(),
    NotAction: action.exactOptional(),
    Resource: resource.exactOptional(),
    NotResource: resource.exactOptional(),
    Condition: z
      .record(
        z.string().refine(isConditionOperator, 'There is no such condition operator'),
        z.record(z.string(), conditionValues),
      )
      .exactOptional(),
  })
  .refine(it => Boolean(it.Action) !== Boolean(it.NotAction), 'One of Action and NotAction is required')
  .refine(it => !(it.Principal && it.NotPrincipal), 'Principal and NotPrincipal exclude each other');

const PolicyDocumentSchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).default('2008-10-17'),
  Id: z.string().exactOptional(),
  Statement: z
    .union([StatementSchema.transform(only => [only]), z.array(StatementSchema).min(1)])
    .refine(haveOwnIds, 'Statement IDs (Sid) must be unique'),
});

/** One rule: in IAM's words, with every list made a list. */
export type Statement = z.infer<typeof StatementSchema>;
export type PolicyDocument = z.infer<typeof PolicyDocumentSchema>;

export type ParsedPolicy =
  | { readonly kind: 'valid'; readonly document: PolicyDocument }
  /** `problem` says where and what. */
  | { readonly kind: 'invalid'; readonly problem: string };

/**
 * Of a resource, whose statements say whom they are about; of an identity, which they all are about; of the trust in
 * whoever becomes a role, where the role itself is what they are about.
 */
export type PolicyOf = 'resource' | 'identity' | 'trust';

export function parsePolicy(text: string, of: PolicyOf): ParsedPolicy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'invalid', problem: 'The policy is not JSON' };
  }
  const parsed = PolicyDocumentSchema.safeParse(json);
  if (!parsed.success) return { kind: 'invalid', problem: firstProblem(parsed.error) };
  for (const statement of parsed.data.Statement) {
    const problem = problemOf(statement, of);
    if (problem) return { kind: 'invalid', problem: `Statement: ${problem}` };
  }
  return { kind: 'valid', document: parsed.data };
}

function problemOf(statement: Statement, of: PolicyOf): string | undefined {
  const { Principal, NotPrincipal, Resource, NotResource } = statement;
  const named = Boolean(Principal ?? NotPrincipal);
  if (of === 'identity' && named) return 'Principal is not allowed';
  if (of !== 'identity' && !named) return 'Principal is required';
  if (of === 'trust') return Resource || NotResource ? 'Resource is not allowed' : undefined;
  if (Boolean(Resource) === Boolean(NotResource)) return 'One of Resource and NotResource is required';
  return undefined;
}

function haveOwnIds(statements: readonly { readonly Sid?: string }[]): boolean {
  const ids = statements.flatMap(({ Sid }) => Sid ?? []);
  return new Set(ids).size === ids.length;
}

/** Of a union, what is wrong with the last of its forms: a list of statements. */
function firstProblem(error: z.ZodError): string {
  const place: PropertyKey[] = [];
  let issue = error.issues[0];
  for (;;) {
    place.push(...(issue?.path ?? []));
    const inner = issue?.code === 'invalid_union' ? issue.errors.at(-1)?.[0] : undefined;
    if (!inner) break;
    issue = inner;
  }
  return `${place.join('.') || 'Policy'}: ${issue?.message}`;
}
