import { AWS_QUOTAS } from '@lambent/core';
import type { RuntimeEvent } from './runtime-channel.ts';

/**
 * The frames that Lambent's own bootstraps and the worker exchange on a socket pair.
 *
 *     frame      u32 length of the body · u8 type · body                     (big endian)
 *
 *     worker → runtime
 *     invoke     u32 length · JSON {requestId, deadlineMs, arn, trace?, clientContext?, tenantId?, inParts?, answerBytesMax?} · payload
 *
 *     taken      u32 bytes · request id: so much of its response has been read
 *     assign     JSON {environment}: what a runtime that was started ahead of its function waits for
 *     restore    nothing: what a runtime that is held waits for
 *
 *     runtime → worker
 *     booted     nothing: a runtime that was started ahead waits; its first frame
 *     next       nothing: the runtime asks for an event
 *     begin      u8 length · request id · content type: a response in parts; only where `inParts` was said
 *     part       u8 length · request id · bytes of it
 *     response   u8 length · request id · payload: the whole of it, or what follows the last part
 *     error      u8 length · request id · u8 length · error type · error document
 *     oversize   u8 length · request id · u32 bytes of the answer that was too large to be sent
 *     initError  u8 length · error type · error document
 *     held       nothing: with SnapStart, its init is over and it waits to be restored
 *     restoreError  as initError: what it does when it is restored failed
 *     compiled   u16 length · path · content of a file that the runtime compiled; the last one has no path
 *     log        one record, UTF-8, without its line end
 *
 * A runtime writes an answer and the `next` behind it at once. What it writes is untrusted: a type nobody knows, a
 * body over its type's bound or shorter than it says is a `FrameFault`, and ends the channel, never the worker.
 */
export const FRAME = {
  next: 1,
  response: 2,
  error: 3,
  oversize: 4,
  initError: 5,
  log: 6,
  booted: 7,
  held: 8,
  restoreError: 9,
  begin: 10,
  part: 11,
  compiled: 12,
  invoke: 16,
  assign: 17,
  restore: 18,
  taken: 19,
} as const;

export type RuntimeFrame =
  | { readonly type: 'next' }
  | { readonly type: 'begin'; readonly requestId: string; readonly contentType: string }
  | { readonly type: 'part' | 'response'; readonly requestId: string; readonly payload: Uint8Array }
  | {
      readonly type: 'error';
      readonly requestId: string;
      readonly errorType: string;
      readonly payload: Uint8Array;
    }
  | { readonly type: 'oversize'; readonly requestId: string; readonly bytes: number }
  | {
      readonly type: 'initError' | 'restoreError';
      readonly errorType: string;
      readonly payload: Uint8Array;
    }
  | { readonly type: 'held' }
  | { readonly type: 'compiled'; readonly path: string; readonly content: Uint8Array }
  | { readonly type: 'log'; readonly record: string };

/** Told of each frame, and of the bytes of its body. */
type Accept = (frame: RuntimeFrame, bytes: number) => void;

/** The runtime sent what is not a frame. */
export class FrameFault extends Error {
  override readonly name = 'FrameFault';
}

/** One log event of CloudWatch; a bootstrap cuts longer records. */
export const LOG_RECORD_BYTES_MAX = 256 * 1024;
/** A file that a runtime compiled; a bootstrap keeps larger ones to itself. */
const COMPILED_BYTES_MAX = 8 * 1024 * 1024;
const PATH_BYTES_MAX = 65_536;
/** A part of a response; a bootstrap cuts larger ones. */
export const PART_BYTES_MAX = 64 * 1024;
/** How much of a response may be out that nobody has taken yet; a part may begin while there is less. */
export const PARTS_WINDOW_BYTES = 4 * PART_BYTES_MAX;
export const HEADER_BYTES = 5;
/** A u8 and what it can count. */
const SHORT_TEXT_BYTES_MAX = 256;
/** Up to here an event is copied behind its head, so that it leaves in one small write; a larger one is not copied. */
const COPY_BYTES_MAX = 16 * 1024;

const BODY_BYTES_MAX: Readonly<Record<number, number>> = {
  [FRAME.next]: 0,
  [FRAME.begin]: 2 * SHORT_TEXT_BYTES_MAX,
  [FRAME.compiled]: 2 + PATH_BYTES_MAX + COMPILED_BYTES_MAX,
  [FRAME.part]: SHORT_TEXT_BYTES_MAX + PART_BYTES_MAX,
  [FRAME.oversize]: SHORT_TEXT_BYTES_MAX + 4,
  [FRAME.held]: 0,
  [FRAME.log]: LOG_RECORD_BYTES_MAX,
};

/** What an answer may have beside its payload. */
const ANSWER_HEAD_BYTES_MAX: Readonly<Record<number, number>> = {
  [FRAME.response]: SHORT_TEXT_BYTES_MAX,
  [FRAME.error]: 2 * SHORT_TEXT_BYTES_MAX,
  [FRAME.initError]: SHORT_TEXT_BYTES_MAX,
  [FRAME.restoreError]: SHORT_TEXT_BYTES_MAX,
};

/**
 * Finds the runtime's frames in the pieces in which they arrive. Holds at most one unfinished frame; a part of a
 * response is not held, but given as several, as its bytes come.
 */
export class FrameDecoder {
  /** Start of a frame whose header is not complete. */
  #header: Buffer = Buffer.alloc(0);
  /** Body of a frame that has begun, as long as its header said, and how much of it is there. */
  #body: Buffer | undefined;
  #filled = 0;
  #type = 0;
  /** What is still to come of a part whose beginning was given. */
  #part: { readonly requestId: string; leftBytes: number } | undefined;
  readonly #answerBytesMax: number;

  constructor(answerBytesMax = AWS_QUOTAS.responseBytes) {
    this.#answerBytesMax = answerBytesMax;
  }

  /** Calls `accept` with each frame that `chunk` completes and the bytes of its body. Throws `FrameFault`, after which it must not be used. */
  push(chunk: Buffer, accept: Accept): void {
    let at = this.#part ? this.#goOn(this.#part, chunk, accept) : 0;
    if (this.#body) {
      at = this.#fill(this.#body, chunk, 0);
      if (this.#filled < this.#body.length) return;
      const body = this.#body;
      this.#body = undefined;
      accept(readFrame(this.#type, body), body.length);
    }
    const bytes = this.#header.length > 0 ? Buffer.concat([this.#header, chunk]) : chunk;
    this.#header = Buffer.alloc(0);
    while (bytes.length - at >= HEADER_BYTES) {
      const length = bytes.readUInt32BE(at);
      const type = bytes[at + 4] ?? 0;
      checkHeader(type, length, this.#answerBytesMax);
      at += HEADER_BYTES;
      if (bytes.length - at < length) {
        if (type === FRAME.part && this.#beginPart(bytes.subarray(at), length, accept)) return;
        this.#type = type;
        this.#body = Buffer.allocUnsafeSlow(length);
        this.#filled = 0;
        this.#fill(this.#body, bytes, at);
        return;
      }
      accept(readFrame(type, bytes.subarray(at, at + length)), length);
      at += length;
    }
    if (at < bytes.length) this.#header = bytes.subarray(at);
  }

  /** Gives what has come of a part; false where not even its request id has. */
  #beginPart(body: Buffer, length: number, accept: Accept): boolean {
    const head = 1 + (body[0] ?? SHORT_TEXT_BYTES_MAX);
    if (body.length < head || length < head) return false;
    const requestId = body.toString('utf8', 1, head);
    this.#part = { requestId, leftBytes: length - body.length };
    if (body.length > head) accept({ type: 'part', requestId, payload: body.subarray(head) }, body.length);
    return true;
  }

  /** Gives back how much of `chunk` is of the part. */
  #goOn(part: { readonly requestId: string; leftBytes: number }, chunk: Buffer, accept: Accept): number {
    const payload = chunk.subarray(0, part.leftBytes);
    part.leftBytes -= payload.length;
    if (part.leftBytes === 0) this.#part = undefined;
    accept({ type: 'part', requestId: part.requestId, payload }, payload.length);
    return payload.length;
  }

  #fill(body: Buffer, from: Buffer, at: number): number {
    const copied = from.copy(body, this.#filled, at);
    this.#filled += copied;
    return at + copied;
  }
}

/** The pieces of an invoke frame, to be written one after another. */
export function encodeInvoke(
  event: RuntimeEvent,
  inParts: boolean,
  answerBytesMax = AWS_QUOTAS.responseBytes,
): readonly Uint8Array[] {
  const head = JSON.stringify({
    requestId: event.requestId,
    deadlineMs: event.deadlineEpochMs,
    arn: event.invokedFunctionArn,
    trace: event.traceHeader,
    clientContext: event.clientContext,
    tenantId: event.tenantId,
    ...(inParts && { inParts }),
    // A bootstrap knows AWS's own.
    ...(answerBytesMax !== AWS_QUOTAS.responseBytes && { answerBytesMax }),
  });
  const { payload } = event;
  const headBytes = Buffer.byteLength(head);
  const before = HEADER_BYTES + 4 + headBytes;
  const together = payload.length <= COPY_BYTES_MAX;
  const frame = Buffer.allocUnsafe(together ? before + payload.length : before);
  frame.writeUInt32BE(4 + headBytes + payload.length, 0);
  frame[4] = FRAME.invoke;
  frame.writeUInt32BE(headBytes, HEADER_BYTES);
  frame.write(head, HEADER_BYTES + 4, 'utf8');
  if (!together) return [frame, payload];
  frame.set(payload, before);
  return [frame];
}

export function encodeTaken(requestId: string, bytes: number): Buffer {
  const idBytes = Buffer.byteLength(requestId);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + 4 + idBytes);
  frame.writeUInt32BE(4 + idBytes, 0);
  frame[4] = FRAME.taken;
  frame.writeUInt32BE(bytes, HEADER_BYTES);
  frame.write(requestId, HEADER_BYTES + 4, 'utf8');
  return frame;
}

export function encodeAssign(environment: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(JSON.stringify({ environment }));
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.writeUInt32BE(body.length, 0);
  frame[4] = FRAME.assign;
  frame.set(body, HEADER_BYTES);
  return frame;
}

export function encodeRestore(): Buffer {
  return Buffer.from([0, 0, 0, 0, FRAME.restore]);
}

function checkHeader(type: number, length: number, answerBytesMax: number): void {
  const answerHead = ANSWER_HEAD_BYTES_MAX[type];
  const bound = answerHead === undefined ? BODY_BYTES_MAX[type] : answerHead + answerBytesMax;
  if (bound === undefined) throw new FrameFault(`no frame has type ${type}`);
  if (length > bound) throw new FrameFault(`a frame of type ${type} has ${length} bytes, over ${bound}`);
}

function readFrame(type: number, body: Buffer): RuntimeFrame {
  switch (type) {
    case FRAME.next:
      return { type: 'next' };
    case FRAME.log:
      return { type: 'log', record: body.toString('utf8') };
    case FRAME.begin: {
      const [requestId, contentType] = readShortText(body);
      return { type: 'begin', requestId, contentType: contentType.toString('utf8') };
    }
    case FRAME.part:
    case FRAME.response: {
      const [requestId, payload] = readShortText(body);
      return { type: type === FRAME.part ? 'part' : 'response', requestId, payload };
    }
    case FRAME.error: {
      const [requestId, rest] = readShortText(body);
      const [errorType, payload] = readShortText(rest);
      return { type: 'error', requestId, errorType, payload };
    }
    case FRAME.oversize: {
      const [requestId, rest] = readShortText(body);
      if (rest.length !== 4) throw new FrameFault('an oversize frame has no size');
      return { type: 'oversize', requestId, bytes: rest.readUInt32BE(0) };
    }
    case FRAME.compiled: {
      const pathEnd = body.length < 2 ? Number.POSITIVE_INFINITY : 2 + body.readUInt16BE(0);
      if (pathEnd > body.length) throw new FrameFault('a compiled file has no path');
      return { type: 'compiled', path: body.toString('utf8', 2, pathEnd), content: body.subarray(pathEnd) };
    }
    case FRAME.held:
      return { type: 'held' };
    case FRAME.initError:
    case FRAME.restoreError: {
      const [errorType, payload] = readShortText(body);
      return { type: type === FRAME.initError ? 'initError' : 'restoreError', errorType, payload };
    }
    default:
      throw new FrameFault(`no frame has type ${type}`);
  }
}

function readShortText(bytes: Buffer): readonly [text: string, rest: Buffer] {
  const length = bytes[0];
  if (length === undefined || bytes.length < 1 + length) throw new FrameFault('a frame is cut short');
  return [bytes.toString('utf8', 1, 1 + length), bytes.subarray(1 + length)];
}
