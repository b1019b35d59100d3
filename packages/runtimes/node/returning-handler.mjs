import { CallbackHandlerDeprecated } from './faults.mjs';

const CALLBACK_REMOVED =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';

/** Runs a handler that answers by returning or by its promise: the only kind from Node.js 24 on. */
export function returningHandler(handler, invocations) {
  if (handler.length >= 3) throw new CallbackHandlerDeprecated(CALLBACK_REMOVED);
  return (head, text) => {
    const { requestId } = head;
    // A turn of the event loop later, so that a rejection which nobody handles comes before the answer.
    const succeed = result => setImmediate(() => invocations.succeed(requestId, result));
    const fail = error => setImmediate(() => invocations.fail(requestId, error));
    invocations.begin(head);
    try {
      const result = handler(JSON.parse(text), invocations.context(head));
      if (typeof result?.then === 'function') Promise.resolve(result).then(succeed, fail);
      else succeed(result);
    } catch (error) {
      fail(error);
    }
  };
}
