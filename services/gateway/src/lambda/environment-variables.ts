import type { Quotas } from '@lambent/core';
import { invalidParameter } from './refusals.ts';

/** Names the platform sets itself. */
const RESERVED: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
  'AWS_LAMBDA_MAX_CONCURRENCY',
  'AWS_LAMBDA_METADATA_API',
  'AWS_LAMBDA_METADATA_TOKEN',
]);

/** Refuses what an owner may not set. The names' pattern is a constraint of the API's and checked before. */
export function checkVariables(
  { environmentBytes }: Pick<Quotas, 'environmentBytes'>,
  variables: Readonly<Record<string, string>>,
): void {
  const reserved = Object.keys(variables).filter(name => RESERVED.has(name));
  if (reserved.length > 0)
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  const unusable = Object.keys(variables).filter(name => variables[name]?.includes('\0'));
  // No process can be given one: every start would fail.
  if (unusable.length > 0)
    throw invalidParameter(`Environment variables cannot hold a NUL character: ${unusable.join(', ')}`);
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > environmentBytes)
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the ${environmentBytes / 1_024}KB limit. String measured: ${measured}`,
    );
}
