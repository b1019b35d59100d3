import type { Address } from './addressees.ts';
import type { AwsError } from './aws-error.ts';
import type { ConstraintTable } from './constraint.ts';
import type { Protocol } from './protocol.ts';
import type { RequestContext } from './request-context.ts';
import type { Schemas } from './schemas.ts';

/**
 * One operation's code. It is given an input that has the shape its schema and its constraints promise, and answers
 * with the operation's output; it refuses by throwing an `AwsError`. Anything else it throws is a bug, and the
 * client is told no more than that.
 */
export type Handler<I, O> = (input: I, context: RequestContext) => Promise<O>;

/** By operation name. Each service has a narrower type, such as `LambdaHandlers`, that knows its inputs and outputs. */
// biome-ignore lint/suspicious/noExplicitAny: the table holds handlers of unlike operations.
export type Handlers = Readonly<Record<string, Handler<any, any> | undefined>>;

/** How large a request of one operation may be, and what its sender is told when it is larger. */
export interface BodyLimit {
  readonly maxBytes: number;
  readonly refusal: () => AwsError;
}

export interface BodyLimits {
  /** For the operations that have no entry of their own. */
  readonly otherwise: (operation: string) => BodyLimit;
  readonly byOperation: Readonly<Record<string, BodyLimit>>;
}

/** A service that is served: its schemas, what they lack, and the code behind its operations. */
export interface AwsService extends Address {
  readonly protocol: Protocol;
  /** Called on the first request, and again only if it failed. */
  load(): Promise<Schemas>;
  readonly handlers: Handlers;
  readonly constraints: ConstraintTable;
  readonly bodyLimits: BodyLimits;
  /** The error that a broken constraint is; AWS's usual one when left out. */
  readonly constraintError?: string;
}
