import type { Constraint } from '../constraint.ts';

/** What the same members must satisfy in many operations, from AWS's own API model. */

export const REGION = '[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}';
const NAME_PREFIX = `(arn:(aws[a-zA-Z-]*)?:lambda:)?(${REGION}:)?(\\d{12}:)?(function:)?`;

export const FUNCTION_NAME: Constraint = {
  min: 1,
  max: 140,
  pattern: `${NAME_PREFIX}([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`,
};
/** Of the operations on a function alone. */
export const UNQUALIFIED_FUNCTION_NAME: Constraint = {
  min: 1,
  max: 140,
  pattern: `${NAME_PREFIX}([a-zA-Z0-9-_]+)`,
};
/** Of the operations that may name a version as well. */
export const NAMESPACED_FUNCTION_NAME: Constraint = {
  min: 1,
  max: 256,
  pattern: `${NAME_PREFIX}([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`,
};
export const QUALIFIER: Constraint = {
  min: 1,
  max: 128,
  pattern: '\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+',
};
/** The digits alone would be a version. */
export const ALIAS: Constraint = { min: 1, max: 128, pattern: '(?!^[0-9]+$)([a-zA-Z0-9-_]+)' };
export const VERSION: Constraint = { min: 1, max: 1_024, pattern: '(\\$LATEST(\\.PUBLISHED)?|[0-9]+)' };
export const ANY_ARN: Constraint = { pattern: '(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()' };
export const MAX_ITEMS: Constraint = { min: 1, max: 10_000, integer: true };
export const DESCRIPTION: Constraint = { min: 0, max: 256 };
export const PUBLISH_TO: Constraint = { enum: ['LATEST_PUBLISHED'] };
export const TENANT_ID: Constraint = { min: 1, max: 256, pattern: '[a-zA-Z0-9\\._:\\/=+\\-@ ]+' };
export const LOG_TYPE: Constraint = { enum: ['None', 'Tail'] };
export const LAYER_NAME: Constraint = {
  min: 1,
  max: 140,
  pattern: '(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+',
};
export const LAYER_VERSION_ARN: Constraint = {
  min: 1,
  max: 140,
  pattern:
    '(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)',
};
export const CODE_SIGNING_CONFIG_ARN: Constraint = {
  min: 0,
  max: 200,
  pattern:
    'arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\\d{1}:\\d{12}:code-signing-config:csc-[a-z0-9]{17}',
};
