import type { Handler } from './aws-service.ts';

/** The names of a service's operations, as its client has a command for each. */
export type OperationOf<Client> = {
  [Key in keyof Client]: Key extends `${infer Name}Command` ? (Name extends '$' ? never : Name) : never;
}[keyof Client];

type Command<Client, Name extends string> = `${Name}Command` extends infer Key extends keyof Client
  ? Client[Key] extends abstract new (
      ...args: never
    ) => {
      input: infer Input;
      resolveMiddleware(...args: never): (...args: never) => Promise<{ output: infer Output }>;
    }
    ? { input: Input; output: Output }
    : never
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

export type InputOf<Client, Name extends OperationOf<Client>> = Received<Command<Client, Name>['input']>;
export type OutputOf<Client, Name extends OperationOf<Client>> = Given<Command<Client, Name>['output']>;

/** An operation that is left out is answered as not implemented. */
export type HandlersOf<Client> = {
  readonly [Name in OperationOf<Client>]?: Handler<InputOf<Client, Name>, OutputOf<Client, Name>>;
};
