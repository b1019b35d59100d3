import { AWS_JSON } from '../aws-json/aws-json-protocol.ts';
import type { AwsService } from '../aws-service.ts';
import { flatBodyLimit } from '../flat-body-limit.ts';
import { collectSchemas, type Schemas } from '../schemas.ts';
import type { HandlersOf } from '../typed-handlers.ts';
import { LOGS_CONSTRAINTS } from './constraints.ts';

type Client = typeof import('@aws-sdk/client-cloudwatch-logs');

export type LogsHandlers = HandlersOf<Client>;

/** A batch of 1 MiB of events, each byte of which JSON may have to escape as six. */
const BODY_BYTES_MAX = 6 * 1_048_576;

/** CloudWatch Logs, with this code behind it. */
export function createLogsService(handlers: LogsHandlers): AwsService {
  return {
    name: 'logs',
    target: 'Logs_20140328',
    protocol: AWS_JSON,
    load: loadLogsSchemas,
    handlers,
    constraints: LOGS_CONSTRAINTS,
    constraintError: 'InvalidParameterException',
    bodyLimits: flatBodyLimit(BODY_BYTES_MAX),
  };
}

export async function loadLogsSchemas(): Promise<Schemas> {
  return collectSchemas(await import('@aws-sdk/client-cloudwatch-logs'));
}
