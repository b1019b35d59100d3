import type { Duplex } from 'node:stream';
import { Conversation } from './conversation.ts';
import { recordedErrorType } from './error-type.ts';
import { encodeInvoke, FrameDecoder, FrameFault, type RuntimeFrame } from './frames.ts';
import {
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

class FrameChannel implements RuntimeChannel {
  readonly #channel: Duplex;
  readonly #logSink: LogSink;
  readonly #conversation = new Conversation();
  readonly #decoder = new FrameDecoder();

  constructor(channel: Duplex, logSink: LogSink) {
    this.#channel = channel;
    this.#logSink = logSink;
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
      this.#decoder.push(chunk, frame => this.#accept(frame));
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      // The function wrote to its bootstrap's socket. It ends its own environment and nobody else's.
      this.#end();
    }
  }

  #accept(frame: RuntimeFrame): void {
    if (this.#conversation.state.kind === 'ended') return;
    switch (frame.type) {
      case 'log':
        return this.#logSink(frame.record);
      case 'next':
        if (!this.#conversation.rest()) throw new FrameFault(`next while ${this.#conversation.state.kind}`);
        return;
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
    this.#channel.destroy();
  }
}
