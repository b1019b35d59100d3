/** The errors of the runtime itself, by the names that Lambda gives them. */
export class ImportModuleError extends Error {}
export class UserCodeSyntaxError extends Error {}
export class HandlerNotFound extends Error {}
export class MalformedHandlerName extends Error {}
export class MalformedStreamingHandler extends Error {}
export class InvalidStreamingOperation extends Error {}
export class CallbackHandlerDeprecated extends Error {}
export class JSONStringifyError extends Error {}
export class ExecWrapperUnsupported extends Error {}
export class UnhandledPromiseRejection extends Error {
  constructor(reason, promise) {
    super(String(reason));
    this.reason = reason;
    this.promise = promise;
  }
}

for (const fault of [
  ImportModuleError,
  UserCodeSyntaxError,
  HandlerNotFound,
  MalformedHandlerName,
  MalformedStreamingHandler,
  InvalidStreamingOperation,
  CallbackHandlerDeprecated,
  JSONStringifyError,
  ExecWrapperUnsupported,
  UnhandledPromiseRejection,
]) {
  fault.prototype.name = `Runtime.${fault.name}`;
}

/** The document that is posted for what a handler threw or rejected with. */
export function errorDocument(thrown) {
  try {
    if (!looksLikeError(thrown)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
    return {
      errorType: escapeDelete(thrown.name) ?? 'Error',
      errorMessage: escapeDelete(thrown.message),
      trace: escapeDelete(thrown.stack)?.split('\n') ?? [],
    };
  } catch {
    // A getter of the function's own error threw.
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
}

/** An error of another realm or a likeness of one counts as well. */
function looksLikeError(value) {
  if (value instanceof Error) return true;
  return [value?.name, value?.message, value?.stack].every(part => typeof part === 'string' && part !== '');
}

/** A DEL would end an HTTP header on its way. */
function escapeDelete(text) {
  return text?.replaceAll('\x7f', '%7F');
}
