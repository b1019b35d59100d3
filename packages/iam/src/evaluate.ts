import { matchesArn } from './arn-pattern.ts';
import { holds } from './condition.ts';
import { compilePattern, matches, NO_VARIABLES, type Variables } from './pattern.ts';
import type { PolicyDocument, Statement } from './policy-document.ts';

/** Who asks. */
export type Principal =
  | { readonly kind: 'anonymous' }
  /** As `s3.amazonaws.com`. */
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'federated'; readonly provider: string }
  /** `arns` are all that it goes by: of a role's session, the session's and the role's. */
  | { readonly kind: 'aws'; readonly accountId: string; readonly arns: readonly string[] };

export interface AccessRequest {
  readonly principal: Principal;
  /** As `lambda:InvokeFunction`. */
  readonly action: string;
  readonly resource: string;
  /** By condition key, in any case of letters; a key that is left out is not there. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export type Decision = 'allow' | 'deny' | 'implicit-deny';

/**
 * What policies say about a request: one statement that denies outweighs any that allow, and where none speaks of
 * it, it is denied as well. Statements that name no principal are about whoever asks: hand in that one's policies only.
 */
export function evaluate(documents: readonly PolicyDocument[], request: AccessRequest): Decision {
  const context = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(request.context))
    context.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  const effects = documents.flatMap(({ Version, Statement: statements }) => {
    // The older language has no variables: there they are text.
    const variables: Variables =
      Version === '2012-10-17' ? name => only(context.get(name.toLowerCase())) : name => `\${${name}}`;
    return statements
      .filter(statement => applies(statement, request, context, variables))
      .map(({ Effect }) => Effect);
  });
  if (effects.includes('Deny')) return 'deny';
  return effects.includes('Allow') ? 'allow' : 'implicit-deny';
}

function applies(
  statement: Statement,
  request: AccessRequest,
  context: ReadonlyMap<string, readonly string[]>,
  variables: Variables,
): boolean {
  const { Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const about = (action: string) => isAction(action, request.action);
  const names = (resource: string) => matchesArn(resource, request.resource, variables);
  return (
    (!Principal || includes(Principal, request.principal)) &&
    (!NotPrincipal || !includes(NotPrincipal, request.principal)) &&
    (Action ? Action.some(about) : !NotAction?.some(about)) &&
    (Resource ? Resource.some(names) : !NotResource?.some(names)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) =>
        holds(operator, wanted, context.get(key.toLowerCase()), variables),
      ),
    )
  );
}

function includes(named: NonNullable<Statement['Principal']>, principal: Principal): boolean {
  if (named.AWS?.includes('*')) return true;
  switch (principal.kind) {
    case 'anonymous':
      return false;
    case 'service':
      return named.Service?.some(name => name === '*' || name === principal.name) ?? false;
    case 'federated':
      return named.Federated?.some(name => name === '*' || name === principal.provider) ?? false;
    case 'aws':
      return (
        named.AWS?.some(name => isWholeAccount(name, principal.accountId) || principal.arns.includes(name)) ??
        false
      );
  }
}

function isWholeAccount(name: string, accountId: string): boolean {
  return (
    name === accountId || (/^arn:[^:]+:iam::\d{12}:root$/.test(name) && name.split(':')[4] === accountId)
  );
}

function isAction(pattern: string, action: string): boolean {
  const compiled = compilePattern(pattern.toLowerCase(), NO_VARIABLES);
  return compiled !== undefined && matches(compiled, action.toLowerCase());
}

/** A variable of several values has none. */
function only(values: readonly string[] | undefined): string | undefined {
  return values?.length === 1 ? values[0] : undefined;
}
