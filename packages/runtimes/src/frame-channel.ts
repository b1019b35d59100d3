import type { Duplex } from 'node:stream';
import type { Clock } from '@lambent/core';
import { Conversation } from './conversation.ts';
import { recordedErrorType } from './error-type.ts';
import { FloodGate, RECORD_COST_BYTES } from './flood-gate.ts';
import { encodeInvoke, FrameDecoder, FrameFault, type RuntimeFrame } from './frames.ts';
import {
  InitFailure,
  type LogSink,
  type RuntimeAnswer,
  type RuntimeChannel,
  type RuntimeEvent,
} from './runtime-channel.ts';

interface FrameChannelOptions {
  readonly channel: Duplex;
  readonly logSink: LogSink;
  readonly clock: Clock;
}

/** Opens the conversation with one of Lambent's own bootstraps. Owns `channel` from here on. */
export function openFrameChannel(options: FrameChannelOptions): RuntimeChannel {
  return new FrameChannel(options);
}

class FrameChannel implements RuntimeChannel {
  readonly #channel: Duplex;
  readonly #logSink: LogSink;
  readonly #conversation = new Conversation();
  readonly #decoder = new FrameDecoder();
  readonly #gate: FloodGate;

  constructor({ channel, logSink, clock }: FrameChannelOptions) {
    this.#channel = channel;
    this.#logSink = logSink;
    this.#gate = new FloodGate(channel, clock);
    channel.on('data', (chunk: Buffer) => this.#read(chunk));
    channel.on('end', () => this.#end());
    channel.on('close', () => this.#end());
    // A broken socket pair means that the runtime is gone; why is told by the sandbox's exit.
    channel.on('error', () => this.#end());
  }

  get ready(): Promise<void> {
    return this.#conversation.ready;
  }

  invoke(event: RuntimeEvent): Promise<RuntimeAnswer> {
    const answer = this.#conversation.start(event.requestId);
    if (this.#conversation.state.kind !== 'running') return answer;
    const pieces = encodeInvoke(event);
    if (pieces.length > 1) this.#channel.cork();
    for (const piece of pieces) this.#channel.write(piece);
    if (pieces.length > 1) this.#channel.uncork();
    return answer;
  }

  rested(): Promise<void> {
    return this.#conversation.rested();
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #read(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk, (frame, bytes) => this.#weigh(frame, bytes));
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      // The function wrote to its bootstrap's socket. It ends its own environment and nobody else's.
      this.#end();
    }
  }

  /** What the conversation waits for is free, however large: there is one of it for each invocation. */
  #weigh(frame: RuntimeFrame, bytes: number): void {
    if (this.#conversation.state.kind === 'ended') return;
    if (!this.#accept(frame)) this.#gate.charge(RECORD_COST_BYTES + bytes);
  }

  /** Whether the conversation waited for it. */
  #accept(frame: RuntimeFrame): boolean {
    switch (frame.type) {
      case 'log':
        this.#logSink(frame.record);
        return false;
      case 'next':
        if (!this.#conversation.rest()) throw new FrameFault(`next while ${this.#conversation.state.kind}`);
        return true;
      case 'response':
        return this.#conversation.answer(frame.requestId, { kind: 'response', payload: frame.payload });
      case 'error': {
        const errorType = recordedErrorType(frame.errorType, 'Function.Unknown');
        const { requestId, payload } = frame;
        return this.#conversation.answer(requestId, { kind: 'error', errorType, payload });
      }
      case 'oversize':
        return this.#conversation.answer(frame.requestId, { kind: 'too-large', bytes: frame.bytes });
      case 'initError': {
        const errorType = recordedErrorType(frame.errorType, 'Runtime.Unknown');
        return this.#conversation.failInit(new InitFailure(errorType, frame.payload));
      }
    }
  }

  #end(): void {
    this.#conversation.end();
    this.#gate[Symbol.dispose]();
    this.#channel.destroy();
  }
}
