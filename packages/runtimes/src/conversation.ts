import assert from 'node:assert/strict';
import type { ResponseSink } from '@lambent/core';
import { BoundedSink } from './bounded-sink.ts';
import {
  ChannelEnded,
  type InitFailure,
  type RestoreFailure,
  type RuntimeAnswer,
} from './runtime-channel.ts';

/**
 * | state    | entered                                     | left                                      |
 * |----------|---------------------------------------------|-------------------------------------------|
 * | starting | at open                                     | `rest` → idle, `hold` → held, `failInit` → failed |
 * | held     | with SnapStart: the runtime is initialised  | `restore` → restoring                     |
 * | restoring | it was told to go on                       | `rest` → idle, `failRestore` → failed     |
 * | idle     | the runtime asked for an event              | `start` → running                         |
 * | running  | an invocation was begun                     | its answer → answered                     |
 * | answered | the invocation has its answer               | `rest` → idle                             |
 * | failed   | the runtime said why it could not start     | only by its end                           |
 * | ended    | from any: the runtime is gone, or disposed  | never                                     |
 */
export type ConversationState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'held' }
  | { readonly kind: 'restoring'; readonly done: () => void; readonly abandon: (cause: Error) => void }
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'running';
      readonly requestId: string;
      /** Who takes the response in parts; undefined: it comes whole. */
      readonly sink: BoundedSink | undefined;
      /** Whether the runtime has said that it does so. */
      begun: boolean;
      readonly answer: (answer: RuntimeAnswer) => void;
      readonly abandon: (cause: Error) => void;
    }
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'ended' };

/** Who spoke last between the worker and one runtime, and who waits for what: the promises of `RuntimeChannel`. */
export class Conversation {
  readonly ready: Promise<void>;
  readonly #starting = Promise.withResolvers<void>();
  /** Whoever waits for the runtime to rest. Made only when somebody does. */
  #resting: PromiseWithResolvers<void> | undefined;
  readonly #streamedBytesMax: number;
  #state: ConversationState = { kind: 'starting' };

  /** At most so much of a response in parts is passed on. */
  constructor(streamedBytesMax: number) {
    this.#streamedBytesMax = streamedBytesMax;
    this.ready = this.#starting.promise;
    // Whoever never asks whether it became ready learns of the end from `start` or the sandbox's exit.
    this.ready.catch(() => {});
  }

  get state(): ConversationState {
    return this.#state;
  }

  /** Begins an invocation. One at a time, and only when the runtime asked for it. */
  start(requestId: string, sink?: ResponseSink): Promise<RuntimeAnswer> {
    if (this.#state.kind === 'ended') return Promise.reject(new ChannelEnded());
    assert.equal(this.#state.kind, 'idle', 'the runtime did not ask for an event');
    const answered = Promise.withResolvers<RuntimeAnswer>();
    const { promise, resolve: answer, reject: abandon } = answered;
    this.#state = {
      kind: 'running',
      requestId,
      sink: sink && new BoundedSink(sink, this.#streamedBytesMax),
      begun: false,
      answer,
      abandon,
    };
    return promise;
  }

  /** The response will come in parts. False when nobody takes it so. */
  begin(requestId: string, contentType: string): boolean {
    const state = this.#state;
    if (state.kind !== 'running' || state.requestId !== requestId || !state.sink || state.begun) return false;
    state.begun = true;
    state.sink.begin(contentType);
    return true;
  }

  /** Who takes the parts of that response; undefined when it has not begun, or is over. */
  sinkOf(requestId: string): ResponseSink | undefined {
    const state = this.#state;
    return state.kind === 'running' && state.requestId === requestId && state.begun ? state.sink : undefined;
  }

  /** A second answer, or one to another id, changes nothing. False when it is one of those. */
  answer(requestId: string, answer: RuntimeAnswer): boolean {
    const state = this.#state;
    if (state.kind !== 'running' || state.requestId !== requestId) return false;
    this.#state = { kind: 'answered' };
    state.answer(state.sink?.isOver ? tooLarge(state.sink) : answer);
    return true;
  }

  /** The runtime asks for an event. False when it is not its turn. */
  rest(): boolean {
    const state = this.#state;
    if (state.kind !== 'starting' && state.kind !== 'restoring' && state.kind !== 'answered') return false;
    this.#state = { kind: 'idle' };
    if (state.kind === 'restoring') state.done();
    this.#starting.resolve();
    this.#resting?.resolve();
    this.#resting = undefined;
    return true;
  }

  rested(): Promise<void> {
    if (this.#state.kind === 'idle') return Promise.resolve();
    if (this.#state.kind === 'ended') return Promise.reject(new ChannelEnded());
    this.#resting ??= Promise.withResolvers<void>();
    return this.#resting.promise;
  }

  /** The runtime waits to be restored. False when it is not its turn. */
  hold(): boolean {
    if (this.#state.kind !== 'starting') return false;
    this.#state = { kind: 'held' };
    this.#starting.resolve();
    return true;
  }

  /** Whoever is held may go on. Resolves when it rests: at once where nobody is held. */
  restore(): Promise<void> {
    if (this.#state.kind === 'ended') return Promise.reject(new ChannelEnded());
    if (this.#state.kind !== 'held') return Promise.resolve();
    const restored = Promise.withResolvers<void>();
    this.#state = { kind: 'restoring', done: restored.resolve, abandon: restored.reject };
    return restored.promise;
  }

  /** False when nothing is being restored. */
  failRestore(failure: RestoreFailure): boolean {
    const state = this.#state;
    if (state.kind !== 'restoring') return false;
    this.#state = { kind: 'failed' };
    state.abandon(failure);
    return true;
  }

  /** False when it is too late for that. */
  failInit(failure: InitFailure): boolean {
    if (this.#state.kind !== 'starting') return false;
    this.#state = { kind: 'failed' };
    this.#starting.reject(failure);
    return true;
  }

  /** Idempotent. */
  end(): void {
    const state = this.#state;
    if (state.kind === 'ended') return;
    this.#state = { kind: 'ended' };
    this.#starting.reject(new ChannelEnded());
    if (state.kind === 'running' || state.kind === 'restoring') state.abandon(new ChannelEnded());
    this.#resting?.reject(new ChannelEnded());
  }
}

function tooLarge({ bytes, maxBytes: max }: BoundedSink): RuntimeAnswer {
  return { kind: 'too-large', bytes, max };
}
