import { loadLambdaSchemas } from '@lambent/aws-api';
import { QUOTA_FIELDS } from '@lambent/functions';
import { GATEWAY_FIELDS } from '../config.ts';
import type { LambdaBackend } from '../lambda/lambda-backend.ts';
import { lambdaHandlers } from '../lambda/lambda-handlers.ts';
import type { Compatibility } from './page.ts';
import { STATEMENTS } from './statements.ts';

/** As the published schemas, the handlers and what is said of them tell. */
export async function knownCompatibility(): Promise<Compatibility> {
  const { operations } = await loadLambdaSchemas();
  // Only the names are wanted: nothing is handled, and so nothing is asked of what stands behind.
  const handlers = lambdaHandlers({} as LambdaBackend);
  const { controlRate, getFunctionRate } = GATEWAY_FIELDS;
  return {
    operations: [...operations.keys()],
    implemented: new Set(Object.keys(handlers)),
    statements: STATEMENTS,
    limits: [...Object.values(QUOTA_FIELDS), controlRate, getFunctionRate],
  };
}
