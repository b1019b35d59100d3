"""Errors: those of the runtime itself, by Lambda's names, and the documents that are posted."""

import os
import traceback

_OWN_DIRECTORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Fault(Exception):
    """An error of the runtime. `kind` is its name without `Runtime.`."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.error_type = "Runtime." + kind
        self.trace = trace or []


def describe(error, request_id=""):
    """The document that is posted for `error`."""
    if isinstance(error, Fault):
        return _document(str(error), error.error_type, request_id, error.trace)
    return _document(str(error), type(error).__name__, request_id, _stack_of(error))


def _document(message, error_type, request_id, trace):
    return {
        "errorMessage": message,
        "errorType": error_type,
        "requestId": request_id,
        "stackTrace": trace,
    }


def _stack_of(error):
    """Where it happened, without the runtime's own frames that stand before the function's."""
    frames = [
        (frame.filename, frame.lineno, frame.name, frame.line) for frame in traceback.extract_tb(error.__traceback__)
    ]
    while frames and frames[0][0].startswith(_OWN_DIRECTORY):
        del frames[0]
    return traceback.format_list(frames)
