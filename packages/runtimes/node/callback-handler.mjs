import { readHead } from './context.mjs';

/**
 * Runs a handler as Lambda does up to Node.js 22: it answers by its promise, its callback or its context's methods,
 * whichever comes first, or with null when its event loop has run empty.
 */
export function callbackHandler(handler, invocations) {
  /** What to do when the event loop has run empty. */
  let whenEmpty = () => {};
  process.on('beforeExit', () => whenEmpty());

  return (head, text) => {
    const { requestId } = head;
    let finished = false;
    let waitsForEmptyEventLoop = true;
    const once = act => (first, second) => {
      if (finished) return;
      finished = true;
      whenEmpty = () => {};
      act(first, second);
    };
    const succeed = result => invocations.succeed(requestId, result);
    const fail = error => invocations.fail(requestId, error);
    const isError = error => error !== undefined && error !== null;

    const callback = once((error, result) => {
      if (isError(error)) fail(error);
      else if (!waitsForEmptyEventLoop) succeed(result);
      else whenEmpty = () => setImmediate(succeed, result);
    });
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waitsForEmptyEventLoop;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waitsForEmptyEventLoop = value;
      },
      succeed: once(succeed),
      fail: once(error => fail(isError(error) ? error : 'handled')),
      done: once((error, result) => (isError(error) ? fail(error) : succeed(result))),
    };

    invocations.begin(head);
    whenEmpty = once(() => succeed(null));
    try {
      Object.assign(context, invocations.environment, readHead(head));
      const result = handler(JSON.parse(text), context, callback);
      if (typeof result?.then === 'function') result.then(context.succeed, context.fail);
    } catch (error) {
      callback(error);
    }
  };
}
