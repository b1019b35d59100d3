import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { recordedErrorType } from './error-type.ts';
import { encodeInvoke, FrameDecoder, FrameFault, type RuntimeFrame } from './frames.ts';
import {
  ChannelEnded,
  InitFailure,
  type LogSink,
  type RuntimeAnswer,
  type RuntimeChannel,
  type RuntimeEvent,
} from './runtime-channel.ts';

/** Opens the conversation with one of Lambent's own bootstraps. Owns `channel` from here on. */
export function openFrameChannel(options: {
  readonly channel: Duplex;
  readonly logSink: LogSink;
}): RuntimeChannel {
  return new FrameChannel(options.channel, options.logSink);
}

/**
 * | state    | entered                                   | left                                      |
 * |----------|-------------------------------------------|-------------------------------------------|
 * | starting | at open                                   | `next` → idle, init error or end → ended  |
 * | idle     | the runtime asked for an event            | `invoke` → running                        |
 * | running  | an event was written                      | its answer → answered                     |
 * | answered | the invocation has its answer             | `next` → idle                             |
 * | ended    | the channel closed, broke or was disposed | never                                     |
 */
type State =
  | { readonly kind: 'starting' }
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'running';
      readonly requestId: string;
      readonly answer: (answer: RuntimeAnswer) => void;
      readonly abandon: (cause: Error) => void;
    }
  | { readonly kind: 'answered' }
  | { readonly kind: 'ended' };

class FrameChannel implements RuntimeChannel {
  readonly ready: Promise<void>;
  readonly #channel: Duplex;
  readonly #logSink: LogSink;
  readonly #decoder = new FrameDecoder();
  readonly #starting = Promise.withResolvers<void>();
  /** Whoever waits for the runtime to rest. Made only when somebody does. */
  #resting: PromiseWithResolvers<void> | undefined;
  #state: State = { kind: 'starting' };

  constructor(channel: Duplex, logSink: LogSink) {
    this.#channel = channel;
    this.#logSink = logSink;
    this.ready = this.#starting.promise;
    // Whoever never asks whether it became ready learns of the end from `invoke` or the sandbox's exit.
    this.ready.catch(() => {});
    channel.on('data', (chunk: Buffer) => this.#read(chunk));
    channel.on('end', () => this.#end());
    channel.on('close', () => this.#end());
    // A broken socket pair means that the runtime is gone; why is told by the sandbox's exit.
    channel.on('error', () => this.#end());
  }

  invoke(event: RuntimeEvent): Promise<RuntimeAnswer> {
    if (this.#state.kind === 'ended') return Promise.reject(new ChannelEnded());
    assert.equal(
      this.#state.kind,
      'idle',
      'one invocation at a time, and only when the runtime asked for it',
    );
    const answered = Promise.withResolvers<RuntimeAnswer>();
    this.#state = {
      kind: 'running',
      requestId: event.requestId,
      answer: answered.resolve,
      abandon: answered.reject,
    };
    const pieces = encodeInvoke(event);
    if (pieces.length > 1) this.#channel.cork();
    for (const piece of pieces) this.#channel.write(piece);
    if (pieces.length > 1) this.#channel.uncork();
    return answered.promise;
  }

  rested(): Promise<void> {
    if (this.#state.kind === 'idle') return Promise.resolve();
    if (this.#state.kind === 'ended') return Promise.reject(new ChannelEnded());
    this.#resting ??= Promise.withResolvers<void>();
    return this.#resting.promise;
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #read(chunk: Buffer): void {
    if (this.#state.kind === 'ended') return;
    try {
      this.#decoder.push(chunk, frame => this.#accept(frame));
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      // The function wrote to its bootstrap's socket. It ends its own environment and nobody else's.
      this.#end();
    }
  }

  #accept(frame: RuntimeFrame): void {
    if (this.#state.kind === 'ended') return;
    switch (frame.type) {
      case 'log':
        return this.#logSink(frame.record);
      case 'next':
        return this.#rest();
      case 'response':
        return this.#answer(frame.requestId, { kind: 'response', payload: frame.payload });
      case 'error': {
        const errorType = recordedErrorType(frame.errorType, 'Function.Unknown');
        return this.#answer(frame.requestId, { kind: 'error', errorType, payload: frame.payload });
      }
      case 'oversize':
        return this.#answer(frame.requestId, { kind: 'too-large', bytes: frame.bytes });
      case 'initError': {
        if (this.#state.kind !== 'starting') return;
        const errorType = recordedErrorType(frame.errorType, 'Runtime.Unknown');
        this.#starting.reject(new InitFailure(errorType, frame.payload));
        return this.#end();
      }
    }
  }

  /** A second answer, or one to another id, changes nothing. */
  #answer(requestId: string, answer: RuntimeAnswer): void {
    const state = this.#state;
    if (state.kind !== 'running' || state.requestId !== requestId) return;
    this.#state = { kind: 'answered' };
    state.answer(answer);
  }

  #rest(): void {
    if (this.#state.kind !== 'starting' && this.#state.kind !== 'answered')
      throw new FrameFault(`next while ${this.#state.kind}`);
    this.#state = { kind: 'idle' };
    this.#starting.resolve();
    this.#resting?.resolve();
    this.#resting = undefined;
  }

  #end(): void {
    const state = this.#state;
    if (state.kind === 'ended') return;
    this.#state = { kind: 'ended' };
    this.#starting.reject(new ChannelEnded());
    if (state.kind === 'running') state.abandon(new ChannelEnded());
    this.#resting?.reject(new ChannelEnded());
    this.#channel.destroy();
  }
}
