/**
 * The ways AWS lets a caller name a function: `name`, `name:qualifier`, either behind `function:` or behind
 * `account:function:`, and the whole ARN. Source: the `FunctionName` shapes of Lambda's API model.
 */
export interface FunctionIdentifier {
  readonly name: string;
  /** Only when the caller gave an ARN. */
  readonly region?: string;
  /** Only when the caller gave a partial or whole ARN. */
  readonly accountId?: string;
  readonly qualifier?: string;
}

export type IdentifierProblem = 'malformed' | 'name-too-long';

const NAME = '[a-zA-Z0-9-_]+';
const QUALIFIER = '\\$LATEST(?:\\.PUBLISHED)?|[a-zA-Z0-9-_]+';
const IDENTIFIER = new RegExp(
  `^(?:(?:(?:arn:aws[a-zA-Z-]*:lambda:(?<region>[a-z0-9-]+):(?<arnAccount>\\d{12})|(?<account>\\d{12})):)?function:)?(?<name>${NAME})(?::(?<qualifier>${QUALIFIER}))?$`,
);
/** AWS's own bound on the name itself. */
const NAME_LENGTH_MAX = 64;

export function parseFunctionIdentifier(text: string): FunctionIdentifier | IdentifierProblem {
  const groups = IDENTIFIER.exec(text)?.groups;
  if (!groups?.['name']) return 'malformed';
  if (groups['name'].length > NAME_LENGTH_MAX) return 'name-too-long';
  const accountId = groups['arnAccount'] ?? groups['account'];
  return {
    name: groups['name'],
    ...(groups['region'] !== undefined && { region: groups['region'] }),
    ...(accountId !== undefined && { accountId }),
    ...(groups['qualifier'] !== undefined && { qualifier: groups['qualifier'] }),
  };
}

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`. */
export function formatFunctionArn(parts: {
  readonly region: string;
  readonly accountId: string;
  readonly name: string;
  readonly qualifier?: string | undefined;
}): string {
  const suffix = parts.qualifier === undefined ? '' : `:${parts.qualifier}`;
  return `arn:aws:lambda:${parts.region}:${parts.accountId}:function:${parts.name}${suffix}`;
}
