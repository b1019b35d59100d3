import { Writable } from 'node:stream';
import { InvalidStreamingOperation, MalformedStreamingHandler } from './faults.mjs';

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const INTEGRATION_TYPE = 'application/vnd.awslambda.http-integration-response';
/** Between the prelude of an HTTP answer and its body. */
const DELIMITER = new Uint8Array(8);

/** The global by which a function says that its handler writes its answer to a stream. */
export function provideStreaming() {
  globalThis.awslambda = {
    ...globalThis.awslambda,
    streamifyResponse: (handler, options) => {
      handler[STREAMING] = 'response';
      if (typeof options?.highWaterMark === 'number') handler[HIGH_WATER_MARK] = options.highWaterMark;
      return handler;
    },
    HttpResponseStream: {
      from: (stream, prelude) => {
        stream.setContentType(INTEGRATION_TYPE);
        stream.begin(Buffer.concat([Buffer.from(JSON.stringify(prelude)), DELIMITER]));
        return stream;
      },
    },
  };
}

export function isStreaming(handler) {
  const mark = handler[STREAMING];
  if (!mark) return false;
  if (mark !== 'response') throw new MalformedStreamingHandler('Only response streaming is supported.');
  return true;
}

/** Runs such a handler. What it writes goes out in parts where its caller takes those; else it is collected first. */
export function streamingHandler(handler, invocations) {
  const highWaterMark = handler[HIGH_WATER_MARK];
  return (head, text) => {
    const { requestId } = head;
    const answer = head.inParts
      ? new PartedAnswer(requestId, invocations)
      : new CollectedAnswer(requestId, invocations);
    const stream = new ResponseStream({ highWaterMark, answer });
    invocations.begin(head);
    run(handler, text, stream, invocations.context(head)).then(
      () => answer.end(),
      error => invocations.fail(requestId, error),
    );
  };
}

async function run(handler, text, stream, context) {
  const finished = new Promise((resolve, reject) => {
    stream.once('finish', resolve);
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('Response stream is not finished.')));
  });
  // Told by the handler's own error where that comes first.
  finished.catch(() => {});
  const result = handler(JSON.parse(text), stream, context);
  if (typeof result?.then !== 'function') throw new Error('Streaming does not support non-async handlers.');
  await result;
  await finished;
}

class ResponseStream extends Writable {
  #answer;
  #contentType = 'application/octet-stream';
  #prelude;
  #isBegun = false;

  constructor({ highWaterMark, answer }) {
    super({ highWaterMark });
    this.#answer = answer;
  }

  setContentType(contentType) {
    if (this.#isBegun) throw new InvalidStreamingOperation('Cannot set content-type, too late.');
    this.#contentType = contentType;
  }

  /** Puts `prelude` before what will be written first. */
  begin(prelude) {
    this.#prelude = prelude;
  }

  write(chunk, ...rest) {
    const isPlain = typeof chunk === 'string' || chunk instanceof Uint8Array;
    return super.write(isPlain ? chunk : JSON.stringify(chunk), ...rest);
  }

  _write(chunk, _encoding, done) {
    this.#start();
    const prelude = this.#prelude;
    this.#prelude = undefined;
    this.#answer.part(prelude ? Buffer.concat([prelude, chunk]) : chunk, done);
  }

  /** A response that is nothing but its prelude is one too. */
  _final(done) {
    this.#start();
    if (this.#prelude) this.#answer.part(this.#prelude, done);
    else done();
  }

  #start() {
    if (!this.#isBegun) this.#answer.begin(this.#contentType);
    this.#isBegun = true;
  }
}

/** The caller reads while the handler writes. */
class PartedAnswer {
  #requestId;
  #invocations;

  constructor(requestId, invocations) {
    this.#requestId = requestId;
    this.#invocations = invocations;
  }

  begin(contentType) {
    this.#invocations.beginResponse(this.#requestId, contentType);
  }

  part(bytes, done) {
    this.#invocations.respondPart(this.#requestId, bytes, done);
  }

  end() {
    this.#invocations.respond(this.#requestId, '');
  }
}

/** The caller gets it once it is whole. */
class CollectedAnswer {
  #requestId;
  #invocations;
  /** What was written, until it is more than an answer may have. */
  #chunks = [];
  #bytes = 0;

  constructor(requestId, invocations) {
    this.#requestId = requestId;
    this.#invocations = invocations;
  }

  begin() {}

  part(bytes, done) {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#invocations.answerBytesMax) this.#chunks = [];
    else this.#chunks.push(bytes);
    done();
  }

  end() {
    if (this.#bytes > this.#invocations.answerBytesMax)
      this.#invocations.respondOversize(this.#requestId, this.#bytes);
    else this.#invocations.respond(this.#requestId, Buffer.concat(this.#chunks));
  }
}
