"""Events and results as JSON, with the rules of AWS's client."""

import decimal
import functools
import json
import math
import os
import uuid

from .faults import Fault

# From Python 3.12 on results are UTF-8, not escapes.
_ESCAPES = ("AWS_Lambda_python3.9", "AWS_Lambda_python3.10", "AWS_Lambda_python3.11")


class _Encoder(json.JSONEncoder):
    """Writes decimals as numbers, digit by digit, and bytes as text."""

    def __init__(self):
        super().__init__(ensure_ascii=os.environ.get("AWS_EXECUTION_ENV") in _ESCAPES)
        # The library cannot be given a number's text: decimals are marked in its output and put in afterwards.
        self._mark = uuid.uuid4().hex
        self._decimals = []

    def encode(self, value):
        self._decimals.clear()
        text = super().encode(value)
        for index, number in enumerate(self._decimals):
            text = text.replace('"{}-{}"'.format(self._mark, index), number, 1)
        return text

    def default(self, value):
        if isinstance(value, decimal.Decimal):
            if value.is_nan():
                return math.nan
            self._decimals.append(str(value))
            return "{}-{}".format(self._mark, len(self._decimals) - 1)
        if isinstance(value, bytes):
            return value.decode()
        return super().default(value)


@functools.lru_cache(maxsize=None)
def _encoder():
    """Made when it is first needed: a process that waits for its function does not know its environment yet."""
    return _Encoder()


def to_json(value):
    return _encoder().encode(value)


def read_event(payload):
    try:
        return json.loads(payload)
    except Exception as error:
        raise Fault("UnmarshalError", "Unable to unmarshal input: {}".format(error)) from error


def write_result(result):
    """The bytes to answer with. Bytes are answered as they are."""
    if isinstance(result, bytes):
        return result
    try:
        return _encoder().encode(result).encode()
    except Exception as error:
        raise Fault("MarshalError", "Unable to marshal response: {}".format(error)) from error
