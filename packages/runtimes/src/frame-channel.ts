import type { Duplex } from 'node:stream';
import { AWS_QUOTAS, type Clock, type ResponseSink } from '@lambent/core';
import { Conversation } from './conversation.ts';
import { recordedErrorType } from './error-type.ts';
import { FloodGate, RECORD_COST_BYTES } from './flood-gate.ts';
import {
  encodeInvoke,
  encodeRestore,
  encodeTaken,
  FrameDecoder,
  FrameFault,
  PART_BYTES_MAX,
  PARTS_WINDOW_BYTES,
  type RuntimeFrame,
} from './frames.ts';
import {
  type CompiledFiles,
  InitFailure,
  type LogSink,
  type ResponseLimits,
  RestoreFailure,
  type RuntimeAnswer,
  type RuntimeChannel,
  type RuntimeEvent,
} from './runtime-channel.ts';

interface FrameChannelOptions {
  readonly channel: Duplex;
  readonly logSink: LogSink;
  readonly clock: Clock;
  /** AWS's own when left out. */
  readonly limits?: ResponseLimits;
  /** The runtime may wait to be restored. */
  readonly snapStart?: boolean;
  /** Takes what the runtime compiles during its init. */
  readonly compiled?: CompiledFiles | undefined;
}

/** Of the response of one invocation. */
interface Untaken {
  /** What is at whoever takes it. */
  bytes: number;
  /** What was taken and the runtime was not told of. */
  untoldBytes: number;
}

/** Less than a runtime may have out, so that one which waits is always told. */
const TAKEN_STEP_BYTES = PART_BYTES_MAX;

/** Opens the conversation with one of Lambent's own bootstraps. Owns `channel` from here on. */
export function openFrameChannel(options: FrameChannelOptions): RuntimeChannel {
  return new FrameChannel(options);
}

class FrameChannel implements RuntimeChannel {
  readonly #channel: Duplex;
  readonly #logSink: LogSink;
  readonly #limits: ResponseLimits;
  readonly #conversation: Conversation;
  readonly #decoder: FrameDecoder;
  readonly #gate: FloodGate;
  #untaken: Untaken = { bytes: 0, untoldBytes: 0 };
  readonly #snapStart: boolean;
  readonly #compiled: CompiledFiles | undefined;

  constructor(options: FrameChannelOptions) {
    const { channel, logSink, clock, limits = AWS_QUOTAS, snapStart = false, compiled } = options;
    this.#limits = limits;
    this.#conversation = new Conversation(limits.streamedResponseBytes);
    this.#decoder = new FrameDecoder(limits.responseBytes);
    this.#compiled = compiled;
    this.#channel = channel;
    this.#logSink = logSink;
    this.#gate = new FloodGate(channel, clock);
    this.#snapStart = snapStart;
    channel.on('data', (chunk: Buffer) => this.#read(chunk));
    channel.on('end', () => this.#end());
    channel.on('close', () => this.#end());
    // A broken socket pair means that the runtime is gone; why is told by the sandbox's exit.
    channel.on('error', () => this.#end());
  }

  get ready(): Promise<void> {
    return this.#conversation.ready;
  }

  restore(): Promise<void> {
    const restored = this.#conversation.restore();
    if (this.#conversation.state.kind === 'restoring') this.#channel.write(encodeRestore());
    return restored;
  }

  invoke(event: RuntimeEvent, sink?: ResponseSink): Promise<RuntimeAnswer> {
    this.#untaken = { bytes: 0, untoldBytes: 0 };
    const answer = this.#conversation.start(event.requestId, sink);
    if (this.#conversation.state.kind !== 'running') return answer;
    const pieces = encodeInvoke(event, sink !== undefined, this.#limits.responseBytes);
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
      case 'compiled':
        return this.#keepCompiled(frame);
      case 'begin':
        return this.#conversation.begin(frame.requestId, frame.contentType);
      case 'part':
        return this.#passOn(frame);
      case 'held':
        if (!this.#snapStart || !this.#conversation.hold())
          throw new FrameFault(`held while ${this.#conversation.state.kind}`);
        return true;
      case 'response':
        return this.#conversation.answer(frame.requestId, { kind: 'response', payload: frame.payload });
      case 'error': {
        const errorType = recordedErrorType(frame.errorType, 'Function.Unknown');
        const { requestId, payload } = frame;
        return this.#conversation.answer(requestId, { kind: 'error', errorType, payload });
      }
      case 'oversize':
        return this.#conversation.answer(frame.requestId, {
          kind: 'too-large',
          bytes: frame.bytes,
          max: this.#limits.responseBytes,
        });
      case 'initError': {
        const errorType = recordedErrorType(frame.errorType, 'Runtime.Unknown');
        return this.#conversation.failInit(new InitFailure(errorType, frame.payload));
      }
      case 'restoreError':
        return this.#conversation.failRestore(new RestoreFailure(frame.payload));
    }
  }

  /** Nothing that comes after the init is believed: by then events have run. */
  #keepCompiled({ path, content }: { readonly path: string; readonly content: Uint8Array }): boolean {
    if (!this.#compiled || this.#conversation.state.kind !== 'starting') return false;
    return path === '' ? this.#compiled.end() : this.#compiled.file(path, content);
  }

  /** A part that nobody waits for is paid for like any other flood. */
  #passOn({ requestId, payload }: { readonly requestId: string; readonly payload: Uint8Array }): boolean {
    const sink = this.#conversation.sinkOf(requestId);
    if (!sink || payload.length === 0) return false;
    const untaken = this.#untaken;
    untaken.bytes += payload.length;
    if (untaken.bytes >= PARTS_WINDOW_BYTES + PART_BYTES_MAX)
      throw new FrameFault(`parts of ${untaken.bytes} bytes were sent unasked`);
    const takes = sink.part(payload);
    const taken = () => {
      untaken.bytes -= payload.length;
      this.#taken(requestId, untaken, payload.length);
    };
    if (takes) void takes.then(taken);
    else taken();
    return true;
  }

  /** Told in steps: each wakes the runtime, which may write on meanwhile. */
  #taken(requestId: string, untaken: Untaken, bytes: number): void {
    untaken.untoldBytes += bytes;
    if (untaken.untoldBytes < TAKEN_STEP_BYTES || this.#conversation.state.kind !== 'running') return;
    this.#channel.write(encodeTaken(requestId, untaken.untoldBytes));
    untaken.untoldBytes = 0;
  }

  #end(): void {
    this.#conversation.end();
    this.#gate[Symbol.dispose]();
    this.#channel.destroy();
  }
}
