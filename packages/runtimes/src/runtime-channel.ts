import type { Quotas, ResponseSink } from '@lambent/core';

/**
 * One environment's conversation with its runtime, whichever way the runtime speaks: frames on a socket pair
 * (Lambent's own bootstraps) or the HTTP Runtime API (everybody else's).
 *
 * Promises: `ready` resolves when the runtime first asks for an event, or with SnapStart waits to be restored, and
 * rejects with an `InitFailure` when it reports an init error or its channel ends. `restore` lets it go on, and resolves
 * when it asks for its first event: at once where it does already. After that, one invocation at a time: `invoke` resolves with what the
 * runtime posted for exactly that invocation, and rejects with `ChannelEnded` when the runtime is gone before it
 * did. When `invoke` resolves, every log frame sent before the answer has been delivered. `rested` resolves when
 * the runtime has asked for the next event, which may be after the answer. A second answer, or one to another id,
 * gets AWS's error and changes nothing. Limits on what a runtime may send are enforced here.
 *
 * With a `sink`, what the runtime writes of its response goes there as it comes, and the runtime waits while the sink
 * does; the answer then holds what follows the last part. Without one such a response is collected.
 */
export interface RuntimeChannel extends Disposable {
  readonly ready: Promise<void>;
  /** Rejects with a `RestoreFailure` that the runtime reported, or with `ChannelEnded`. */
  restore(): Promise<void>;
  invoke(event: RuntimeEvent, sink?: ResponseSink): Promise<RuntimeAnswer>;
  /** Resolves when the runtime asks for its next event after the answer; rejects with `ChannelEnded`. */
  rested(): Promise<void>;
}

/** What a runtime may answer, whole and in parts. */
export type ResponseLimits = Pick<Quotas, 'responseBytes' | 'streamedResponseBytes'>;

export interface RuntimeEvent {
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** Wall time, as the Runtime API's `Lambda-Runtime-Deadline-Ms` wants it. */
  readonly deadlineEpochMs: number;
  readonly invokedFunctionArn: string;
  readonly traceHeader?: string;
  /** Decoded JSON text. */
  readonly clientContext?: string;
  readonly tenantId?: string;
}

export type RuntimeAnswer =
  | { readonly kind: 'response'; readonly payload: Uint8Array }
  /** `payload` is the error document as posted; `errorType` passed AWS's pattern or became `Function.Unknown`. */
  | { readonly kind: 'error'; readonly errorType: string; readonly payload: Uint8Array }
  /** The answer was larger than the quota and was not kept. */
  | { readonly kind: 'too-large'; readonly bytes: number; readonly max: number };

/** The runtime said why it could not start. */
export class InitFailure extends Error {
  override readonly name = 'InitFailure';
  readonly errorType: string;
  /** The error document as posted. */
  readonly payload: Uint8Array;

  constructor(errorType: string, payload: Uint8Array) {
    super(`init failed: ${errorType}`);
    this.errorType = errorType;
    this.payload = payload;
  }
}

/** The runtime said what went wrong when it was restored. */
export class RestoreFailure extends Error {
  override readonly name = 'RestoreFailure';
  /** The error document as posted. */
  readonly payload: Uint8Array;

  constructor(payload: Uint8Array) {
    super('restoring failed');
    this.payload = payload;
  }
}

/** The runtime's side of the channel is gone; why is told by the sandbox's exit. */
export class ChannelEnded extends Error {
  override readonly name = 'ChannelEnded';

  constructor() {
    super('the runtime ended its channel');
  }
}

/** Takes what a runtime compiled while it loaded a function. Each gives back whether that was wanted. */
export interface CompiledFiles {
  file(path: string, content: Uint8Array): boolean;
  /** There are no more. */
  end(): boolean;
}

/** Where log lines of Lambent's own bootstraps go; one call per record, in order, without the line end. */
export type LogSink = (record: string) => void;
