import { awsQuery } from '../aws-query/aws-query-protocol.ts';
import type { AwsService } from '../aws-service.ts';
import { flatBodyLimit } from '../flat-body-limit.ts';
import { collectSchemas, type Schemas } from '../schemas.ts';
import type { HandlersOf, InputOf, OperationOf, OutputOf } from '../typed-handlers.ts';
import { STS_CONSTRAINTS } from './constraints.ts';

type Client = typeof import('@aws-sdk/client-sts');

export type StsOperation = OperationOf<Client>;
export type StsInput<Name extends StsOperation> = InputOf<Client, Name>;
export type StsOutput<Name extends StsOperation> = OutputOf<Client, Name>;
export type StsHandlers = HandlersOf<Client>;

const VERSION = '2011-06-15';
/** A session's policies and tags, and what percent-encoding makes of them. */
const BODY_BYTES_MAX = 262_144;

/** The API of temporary credentials, with this code behind it. */
export function createStsService(handlers: StsHandlers): AwsService {
  return {
    name: 'sts',
    version: VERSION,
    protocol: awsQuery('sts', VERSION),
    load: loadStsSchemas,
    handlers,
    constraints: STS_CONSTRAINTS,
    bodyLimits: flatBodyLimit(BODY_BYTES_MAX),
  };
}

export async function loadStsSchemas(): Promise<Schemas> {
  return collectSchemas(await import('@aws-sdk/client-sts'));
}
