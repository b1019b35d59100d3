import type { Fields, Reason } from '@lambent/core';

/** What the store asks of its thread; many at once in one message. */
export type Request = RunRequest | MountRequest | CloseRequest;

export interface RunRequest {
  readonly kind: 'run';
  readonly id: number;
  /** The mount the command belongs to. */
  readonly mount: number;
  readonly command: string;
  readonly input: unknown;
}

export interface MountRequest {
  readonly kind: 'mount';
  readonly id: number;
  readonly mount: number;
  /** URL of a module that exports `openCommands`. */
  readonly module: string;
}

/** Unanswered: the thread ends. */
export interface CloseRequest {
  readonly kind: 'close';
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** A `LambentError` without its class, which does not survive the way between threads. */
export interface Failure {
  readonly reason: Reason;
  readonly fields: Fields;
}

/** What the thread is started with. */
export interface ThreadOptions {
  readonly file: string;
  readonly fileBytesMax: number;
}

/** The id under which the thread answers, unasked, that the file is open or why it is not. */
export const OPENED = 0;
