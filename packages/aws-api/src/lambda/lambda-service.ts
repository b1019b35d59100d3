import type { AwsService, Handler } from '../aws-service.ts';
import { collectSchemas, type Schemas } from '../schemas.ts';
import { LAMBDA_BODY_LIMITS } from './body-limits.ts';
import { LAMBDA_CONSTRAINTS } from './constraints.ts';

type Client = typeof import('@aws-sdk/client-lambda');

/** The names of Lambda's operations, as its client has a command for each. */
export type LambdaOperation = {
  [Key in keyof Client]: Key extends `${infer Name}Command` ? (Name extends '$' ? never : Name) : never;
}[keyof Client];

type Command<Name extends LambdaOperation> =
  InstanceType<Client[`${Name}Command`]> extends {
    input: infer Input;
    resolveMiddleware(...args: never): (...args: never) => Promise<{ output: infer Output }>;
  }
    ? { input: Input; output: Output }
    : never;

/** A client may give a blob in many forms; a handler is given bytes. */
type Received<T> = {
  readonly [Key in keyof T]: Uint8Array extends T[Key] ? Uint8Array | Extract<T[Key], undefined> : T[Key];
};
/** What a client adds to an output is not the handler's to give, and its blobs are plain bytes. */
type Given<T> = {
  readonly [Key in keyof T as Exclude<Key, '$metadata'>]: NonNullable<T[Key]> extends Uint8Array
    ? Uint8Array | undefined
    : T[Key];
};

export type LambdaInput<Name extends LambdaOperation> = Received<Command<Name>['input']>;
export type LambdaOutput<Name extends LambdaOperation> = Given<Command<Name>['output']>;

/** An operation that is left out is answered as not implemented. */
export type LambdaHandlers = {
  readonly [Name in LambdaOperation]?: Handler<LambdaInput<Name>, LambdaOutput<Name>>;
};

/** Lambda's API, with this code behind it. */
export function createLambdaService(handlers: LambdaHandlers): AwsService {
  return {
    name: 'lambda',
    load: loadLambdaSchemas,
    handlers,
    constraints: LAMBDA_CONSTRAINTS,
    bodyLimits: LAMBDA_BODY_LIMITS,
  };
}

/** The client is large and only its schemas are wanted, so it waits for the first request. */
export async function loadLambdaSchemas(): Promise<Schemas> {
  return collectSchemas(await import('@aws-sdk/client-lambda'), {
    protocol: 'restJson1',
    // Declared as 200; every recorded answer of AWS is a 204.
    statusInPractice: { DeleteFunction: 204 },
  });
}
