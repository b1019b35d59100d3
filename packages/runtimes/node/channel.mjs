import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * This end of the framed channel to the worker; src/frames.ts describes the frames.
 *
 * Writing is synchronous, so that a record or an answer is out before anything that ends the process. Reading
 * keeps the process alive only while it waits for an event: a handler whose event loop runs empty is noticed.
 */
const CHANNEL_FD = 4;
const NEXT = 1;
const RESPONSE = 2;
const ERROR = 3;
const OVERSIZE = 4;
const INIT_ERROR = 5;
const LOG = 6;
const BEGIN = 10;
const PART = 11;
const COMPILED = 12;
const INVOKE = 16;
const TAKEN = 19;

const HEADER_BYTES = 5;
const NEXT_FRAME = Buffer.from([0, 0, 0, 0, NEXT]);
/** Lambda's bound on what a function may answer, where an event says nothing else. */
const ANSWER_BYTES_MAX = 6_291_556;
/** One log event; a longer record is cut into several. */
const RECORD_BYTES_MAX = 256 * 1024;
/** One part of a response; more is cut into several. */
const PART_BYTES_MAX = 64 * 1024;
/** How much of a response may be out that its reader has not taken: what the socket holds, so that writing never waits. */
const WINDOW_BYTES = 128 * 1024;
/** A compiled file; a larger one is compiled anew each time. */
const COMPILED_BYTES_MAX = 8 * 1024 * 1024;
/** What the socket is read into; an event that does not fit is gathered in a buffer of its own size. */
const READ_BYTES = 64 * 1024;
/** How long to wait when the worker is slower than we write. */
const FULL_PAUSE_MS = 1;

const pause = new Int32Array(new SharedArrayBuffer(4));

export function openChannel(take) {
  const incoming = new IncomingFrames({ take, taken: (head, bytes) => channel.taken(head, bytes) });
  const socket = new Socket({
    fd: CHANNEL_FD,
    onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: incoming.read },
  });
  // The worker is gone, and with it the reason to run.
  socket.on('close', () => process.exit(0));
  socket.on('error', () => process.exit(0));
  socket.unref();
  const channel = new Channel(socket);
  return channel;
}

class Channel {
  #socket;
  /** What goes out of a response as its reader takes it: whose it is, how far it is out, and whom to tell. */
  #parts;
  /** Which invocation's response went out in parts last, and how much more of it may. */
  #streaming;
  #windowBytes = 0;
  /** What the invocation that runs may answer. */
  answerBytesMax = ANSWER_BYTES_MAX;

  constructor(socket) {
    this.#socket = socket;
  }

  /** Asks for the first event. */
  next() {
    write(NEXT_FRAME);
    this.#socket.ref();
  }

  /** Called when an event was taken: from here on only the handler keeps the process alive. */
  busy({ answerBytesMax = ANSWER_BYTES_MAX }) {
    this.answerBytesMax = answerBytesMax;
    this.#socket.unref();
  }

  /** The response comes in parts. */
  begin(requestId, contentType) {
    write(answer(BEGIN, [requestId], contentType, false));
    this.#streaming = requestId;
    this.#windowBytes = WINDOW_BYTES;
  }

  /** Calls `done` when all the bytes are out: the handler goes on meanwhile. One at a time. */
  part(requestId, bytes, done) {
    this.#parts = { requestId, bytes, at: 0, done };
    this.#writeParts();
  }

  /** The reader has taken so much. Nothing else keeps a process alive that only waits for this. */
  taken(requestId, bytes) {
    if (this.#streaming !== requestId) return;
    this.#windowBytes += bytes;
    if (!this.#parts) return;
    this.#socket.unref();
    this.#writeParts();
  }

  #writeParts() {
    const parts = this.#parts;
    while (parts.at < parts.bytes.length) {
      if (this.#windowBytes <= 0) return this.#socket.ref();
      const part = parts.bytes.subarray(parts.at, parts.at + PART_BYTES_MAX);
      write(answer(PART, [parts.requestId], part, false));
      parts.at += part.length;
      this.#windowBytes -= part.length;
    }
    this.#parts = undefined;
    parts.done();
  }

  /** Answers, and asks for the next event in the same write. */
  respond(requestId, payload) {
    write(answer(RESPONSE, [requestId], payload, true, this.answerBytesMax));
    this.#socket.ref();
  }

  /** The answer had so many bytes that it was not kept. */
  respondOversize(requestId, bytes) {
    write(oversize(requestId, bytes, true));
    this.#socket.ref();
  }

  fail(requestId, errorType, document) {
    write(answer(ERROR, [requestId, errorType], document, true, this.answerBytesMax));
    this.#socket.ref();
  }

  /** The error that ends this process: nothing is asked for any more. */
  failForGood(requestId, errorType, document) {
    write(answer(ERROR, [requestId, errorType], document, false, this.answerBytesMax));
  }

  /** A file of what was compiled; one without a name is the last. */
  compiled(path, content) {
    if (content.length > COMPILED_BYTES_MAX) return;
    const name = Buffer.from(path);
    const head = Buffer.allocUnsafe(HEADER_BYTES + 2);
    writeHeader(head, COMPILED, 2 + name.length + content.length);
    head.writeUInt16BE(name.length, HEADER_BYTES);
    write(Buffer.concat([head, name, content]));
  }

  failInit(errorType, document) {
    write(answer(INIT_ERROR, [errorType], document, false));
  }

  log(record) {
    const bytes = Buffer.byteLength(record);
    if (bytes > RECORD_BYTES_MAX) return this.#logLong(Buffer.from(record));
    const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes);
    writeHeader(frame, LOG, bytes);
    frame.utf8Write(record, HEADER_BYTES);
    write(frame);
  }

  #logLong(bytes) {
    for (let at = 0; at < bytes.length; ) {
      let end = Math.min(at + RECORD_BYTES_MAX, bytes.length);
      // Not in the middle of a character.
      while (end < bytes.length && (bytes[end] & 0xc0) === 0x80) end -= 1;
      const header = Buffer.allocUnsafe(HEADER_BYTES);
      writeHeader(header, LOG, end - at);
      write(header);
      write(bytes.subarray(at, end));
      at = end;
    }
  }
}

/** An answer with its short texts (request id, error type), with `next` behind it where the runtime goes on. */
function answer(type, texts, payload, goesOn, maxBytes = ANSWER_BYTES_MAX) {
  const isText = typeof payload === 'string';
  const payloadBytes = isText ? Buffer.byteLength(payload) : payload.length;
  if (payloadBytes > maxBytes) return oversize(texts[0], payloadBytes, goesOn);
  const shorts = texts.map(text => Buffer.from(text).subarray(0, 255));
  const bodyBytes = shorts.reduce((sum, short) => sum + 1 + short.length, payloadBytes);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bodyBytes + (goesOn ? HEADER_BYTES : 0));
  writeHeader(frame, type, bodyBytes);
  let at = HEADER_BYTES;
  for (const short of shorts) {
    frame[at] = short.length;
    frame.set(short, at + 1);
    at += 1 + short.length;
  }
  if (isText) frame.utf8Write(payload, at);
  else frame.set(payload, at);
  if (goesOn) frame.set(NEXT_FRAME, at + payloadBytes);
  return frame;
}

function oversize(requestId, bytes, goesOn) {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes);
  return answer(OVERSIZE, [requestId], size, goesOn);
}

function writeHeader(frame, type, bodyBytes) {
  frame.writeUInt32BE(bodyBytes, 0);
  frame[4] = type;
}

function write(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(CHANNEL_FD, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') process.exit(0);
      Atomics.wait(pause, 0, 0, FULL_PAUSE_MS);
    }
  }
}

/** Events, put together from the pieces in which they arrive. The worker is trusted: sizes are its own. */
class IncomingFrames {
  #take;
  #taken;
  /** An event that has not arrived whole: its bytes so far, in a buffer of the whole length once that is known. */
  #partial;
  #filled = 0;

  constructor({ take, taken }) {
    this.#take = take;
    this.#taken = taken;
  }

  read = (count, buffer) => {
    let bytes = buffer.subarray(0, count);
    if (this.#partial) bytes = this.#join(bytes);
    if (bytes) this.#find(bytes);
    return true;
  };

  #find(bytes) {
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      if (bytes[at + 4] === INVOKE) this.#event(bytes, at + HEADER_BYTES, end);
      else if (bytes[at + 4] === TAKEN)
        this.#taken(bytes.utf8Slice(at + HEADER_BYTES + 4, end), bytes.readUInt32BE(at + HEADER_BYTES));
      at = end;
    }
    if (at < bytes.length) this.#keep(bytes.subarray(at));
  }

  #event(bytes, at, end) {
    const payloadAt = at + 4 + bytes.readUInt32BE(at);
    const head = JSON.parse(bytes.utf8Slice(at + 4, payloadAt));
    this.#take(head, bytes.utf8Slice(payloadAt, end));
  }

  #keep(start) {
    const length = start.length < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + start.readUInt32BE(0);
    this.#partial = Buffer.allocUnsafeSlow(length);
    this.#filled = start.copy(this.#partial);
  }

  /** Adds to the unfinished event; gives it back, with what follows it, once it is whole. */
  #join(bytes) {
    const partial = this.#partial;
    if (partial.length === HEADER_BYTES) {
      this.#partial = undefined;
      return Buffer.concat([partial.subarray(0, this.#filled), bytes]);
    }
    const copied = bytes.copy(partial, this.#filled);
    this.#filled += copied;
    if (this.#filled < partial.length) return undefined;
    this.#partial = undefined;
    return copied === bytes.length ? partial : Buffer.concat([partial, bytes.subarray(copied)]);
  }
}
