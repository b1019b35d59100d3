import { HAS_CALLBACKS, readEnvironment, readHead } from './context.mjs';
import { errorDocument, JSONStringifyError } from './faults.mjs';

/**
 * The invocation that runs, and the ways it can end. One at a time: the worker sends the next event after the
 * answer, and the answer is what asks for it.
 */
export class Invocations {
  environment = readEnvironment();
  #channel;
  #logs;
  /** Of the invocation that runs or ran last. */
  #requestId;
  #isAnswered = true;
  #trace;

  constructor(channel, logs) {
    this.#channel = channel;
    this.#logs = logs;
  }

  begin(head) {
    this.#channel.busy(head);
    this.#requestId = head.requestId;
    this.#isAnswered = false;
    this.#logs.invocation.requestId = head.requestId;
    this.#logs.invocation.tenantId = head.tenantId;
    this.#publishTrace(head.trace);
  }

  /** What the invocation that runs may answer. */
  get answerBytesMax() {
    return this.#channel.answerBytesMax;
  }

  /** The context of a handler that answers by returning. */
  context(head) {
    const own = readHead(head);
    if (!HAS_CALLBACKS) own.xRayTraceId = head.trace;
    return Object.assign(own, this.environment);
  }

  /** Answers with what the handler returned. */
  succeed(requestId, result) {
    let payload;
    try {
      payload = JSON.stringify(result === undefined ? null : result);
    } catch {
      return this.fail(requestId, stringifyFault());
    }
    // What JSON has no text for, a function or a symbol.
    if (payload === undefined) return this.fail(requestId, new TypeError('Wrong arguments'));
    this.respond(requestId, payload);
  }

  respond(requestId, payload) {
    if (this.#close(requestId)) this.#channel.respond(requestId, payload);
  }

  /** The response comes in parts, until `respond` says that it is whole or `fail` that it never will be. */
  beginResponse(requestId, contentType) {
    if (!this.#isOver(requestId)) this.#channel.begin(requestId, contentType);
  }

  respondPart(requestId, bytes, done) {
    if (this.#isOver(requestId)) done();
    else this.#channel.part(requestId, bytes, done);
  }

  respondOversize(requestId, bytes) {
    if (this.#close(requestId)) this.#channel.respondOversize(requestId, bytes);
  }

  fail(requestId, error) {
    if (this.#isOver(requestId)) return;
    this.#logs.error('Invoke Error', error);
    this.#close(requestId);
    const document = errorDocument(error);
    this.#channel.fail(requestId, document.errorType, JSON.stringify(document));
  }

  /** The process ends because of `error`: it is the answer to whatever runs, or the reason why nothing ever will. */
  end(title, error) {
    this.#logs.flush();
    this.#logs.error(title, error);
    const document = errorDocument(error);
    const text = JSON.stringify(document);
    if (this.#requestId === undefined) this.#channel.failInit(document.errorType, text);
    else this.#channel.failForGood(this.#requestId, document.errorType, text);
  }

  /** Puts the trace header where tracing libraries look for it. */
  #publishTrace(header) {
    if (header === this.#trace) return;
    this.#trace = header;
    if (header === undefined) delete process.env._X_AMZN_TRACE_ID;
    else process.env._X_AMZN_TRACE_ID = header;
  }

  #isOver(requestId) {
    return this.#isAnswered || requestId !== this.#requestId;
  }

  /** False when the invocation has its answer already. */
  #close(requestId) {
    if (this.#isOver(requestId)) return false;
    this.#isAnswered = true;
    this.#logs.flush();
    return true;
  }
}

function stringifyFault() {
  const text = 'Unable to stringify response body';
  return HAS_CALLBACKS ? new Error(text) : new JSONStringifyError(text);
}
