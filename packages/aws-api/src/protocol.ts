import type { IncomingHttpHeaders } from 'node:http';
import type { AwsError } from './aws-error.ts';
import type { Schemas } from './schemas.ts';

/** What of a request is known before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** The request's target as it came: path and query, still encoded. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** A whole answer, but for the headers that every answer has. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for an answer without one. An event stream is sent as it comes. */
  readonly body: Uint8Array | string | AsyncIterable<Uint8Array> | undefined;
}

/** One request, recognised. */
export interface Call {
  readonly operation: string;
  /** The operation's input; throws an `AwsError` for a request that is not of its shape. */
  decode(body: Buffer): unknown;
  /** The answer to what the handler gave. */
  encode(output: unknown, requestId: string): Answer;
}

/** One service spoken in one protocol, with everything worked out that does not depend on a request. */
export interface Binding {
  /** What has to be read before it is known which operation is called. */
  readonly operationIn: 'head' | 'body';
  /** The error that the client is told of a failure of our own. */
  readonly failure: string;
  /**
   * The call that a request makes. Where no operation is addressed it throws the protocol's own refusal, or gives
   * undefined where that is not the service's to say. `body` is empty where the operation is in the head.
   */
  match(head: RequestHead, body: Buffer): Call | undefined;
  /** Undefined for an error that neither the schemas nor AWS's common errors know: a slip of the handler's. */
  encodeError(error: AwsError, requestId: string): Answer | undefined;
}

/**
 * A wire protocol. `bind` runs once per service, when it is loaded, and may be slow; what it returns is used for
 * every request, and must not walk schemas again.
 */
export interface Protocol {
  bind(schemas: Schemas): Binding;
}
