import { awsQuery } from '../aws-query/aws-query-protocol.ts';
import type { AwsService } from '../aws-service.ts';
import { flatBodyLimit } from '../flat-body-limit.ts';
import { collectSchemas, type Schemas } from '../schemas.ts';
import type { HandlersOf, InputOf, OperationOf, OutputOf } from '../typed-handlers.ts';
import { IAM_CONSTRAINTS } from './constraints.ts';

type Client = typeof import('@aws-sdk/client-iam');

type IamOperation = OperationOf<Client>;
export type IamInput<Name extends IamOperation> = InputOf<Client, Name>;
export type IamOutput<Name extends IamOperation> = OutputOf<Client, Name>;
export type IamHandlers = HandlersOf<Client>;

const VERSION = '2010-05-08';
/** A policy of 128 KiB, each letter of which percent-encoding may write as three. */
const BODY_BYTES_MAX = 524_288;

/** Identity and Access Management, with this code behind it. */
export function createIamService(handlers: IamHandlers): AwsService {
  return {
    name: 'iam',
    version: VERSION,
    protocol: awsQuery('iam', VERSION),
    load: loadIamSchemas,
    handlers,
    constraints: IAM_CONSTRAINTS,
    bodyLimits: flatBodyLimit(BODY_BYTES_MAX),
  };
}

export async function loadIamSchemas(): Promise<Schemas> {
  return collectSchemas(await import('@aws-sdk/client-iam'));
}
