import { Writable } from 'node:stream';
import { ANSWER_BYTES_MAX } from './channel.mjs';
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

/** Runs such a handler. What it writes is collected, and is the answer once it has ended its stream. */
export function streamingHandler(handler, invocations) {
  const highWaterMark = handler[HIGH_WATER_MARK];
  return (head, text) => {
    const { requestId } = head;
    const stream = new ResponseStream({ highWaterMark });
    invocations.begin(head);
    run(handler, text, stream, invocations.context(head)).then(
      () => {
        if (stream.bytes > ANSWER_BYTES_MAX) invocations.respondOversize(requestId, stream.bytes);
        else invocations.respond(requestId, Buffer.concat(stream.chunks));
      },
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
  /** What was written, until it is more than an answer may have. */
  chunks = [];
  bytes = 0;
  #prelude;

  setContentType(_contentType) {
    if (this.bytes > 0) throw new InvalidStreamingOperation('Cannot set content-type, too late.');
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
    if (this.#prelude) this.#keep(this.#prelude);
    this.#prelude = undefined;
    this.#keep(chunk);
    done();
  }

  #keep(chunk) {
    this.bytes += chunk.length;
    if (this.bytes > ANSWER_BYTES_MAX) this.chunks = [];
    else this.chunks.push(chunk);
  }
}
