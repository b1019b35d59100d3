"""What the function prints and logs, as records on the channel."""

import atexit
import io
import json
import logging
import os
import sys
import threading
import time
import traceback

from .marshal import to_json

_TEXT_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
_TEXT_TIME = "%Y-%m-%dT%H:%M:%S"
_JSON_TIME = "%Y-%m-%dT%H:%M:%SZ"
# Python's own fields of a record, and those that stand in the JSON under another name.
_RECORD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"aws_request_id", "tenant_id", "message", "asctime"}
_NO_BREAK_SPACE = "\u00a0"
# A line that never ends is cut here.
_LINE_BYTES_MAX = 64 * 1024


class Logs:
    """The records of one process. `request_id` and `tenant_id` are those of the invocation that runs."""

    def __init__(self, channel):
        self.request_id = ""
        self.tenant_id = None
        self.log = channel.log
        self._is_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        self._lines = (_Lines(channel, 1), _Lines(channel, 2))
        sys.stdout, sys.stderr = (lines.as_text() for lines in self._lines)
        atexit.register(self.flush)
        self._configure(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper())

    def flush(self):
        """What was printed without a line end becomes a record of its own."""
        for lines in self._lines:
            lines.flush_line()

    def error(self, document):
        """Shows an error document as Lambda does."""
        if self._is_json:
            now = time.strftime(_JSON_TIME, time.gmtime())
            return self.log(to_json({"timestamp": now, "level": "ERROR", **document}))
        title = ": ".join(filter(None, (document["errorType"], document["errorMessage"])))
        lines = ["[ERROR] " + title if title else "[ERROR]", "Traceback (most recent call last):"]
        for element in document["stackTrace"]:
            lines += [_indent(line) for line in element.splitlines()] or [""]
        self.log("\n".join(lines))

    def _configure(self, level):
        logging.Formatter.converter = time.gmtime
        handler = _RecordHandler(self)
        handler.setFormatter(_JsonFormatter() if self._is_json else logging.Formatter(_TEXT_FORMAT, _TEXT_TIME))
        root = logging.getLogger()
        level = {"TRACE": "DEBUG"}.get(level, level)
        if isinstance(logging.getLevelName(level), int):
            root.setLevel(level)
        root.addHandler(handler)


class _RecordHandler(logging.Handler):
    def __init__(self, logs):
        super().__init__()
        self._logs = logs

    def emit(self, record):
        record.aws_request_id = self._logs.request_id
        record.tenant_id = self._logs.tenant_id
        self._logs.log(self.format(record))


class _JsonFormatter(logging.Formatter):
    def format(self, record):
        is_object = isinstance(record.msg, dict) and not record.args
        fields = {
            "timestamp": self.formatTime(record, _JSON_TIME),
            "level": record.levelname,
            "message": record.msg if is_object else record.getMessage(),
            "logger": record.name,
            **_describe_exception(record),
            "requestId": record.aws_request_id,
            "tenantId": record.tenant_id,
        }
        extras = {name: value for name, value in vars(record).items() if name not in _RECORD_FIELDS}
        shown = {name: value for name, value in {**extras, **fields}.items() if value is not None}
        return json.dumps(shown, ensure_ascii=False, default=str)


def _describe_exception(record):
    if not record.exc_info:
        return {}
    kind, error, trace = record.exc_info
    return {
        "stackTrace": traceback.format_tb(trace),
        "errorType": kind.__name__ if kind else None,
        "errorMessage": str(error),
        "location": "{}:{}:{}".format(record.pathname, record.funcName, record.lineno),
    }


class _Lines(io.RawIOBase):
    """A standard stream that makes a record of each line."""

    def __init__(self, channel, descriptor):
        super().__init__()
        self._channel = channel
        self._descriptor = descriptor
        self._unfinished = b""
        self._renew_lock()
        os.register_at_fork(after_in_child=self._renew_lock)

    def _renew_lock(self):
        """Threads print; one that does while another forks must not leave the child with a lock that nobody frees."""
        self._lock = threading.Lock()

    def as_text(self):
        return io.TextIOWrapper(self, encoding="utf-8", errors="backslashreplace", write_through=True)

    def fileno(self):
        return self._descriptor

    def writable(self):
        return True

    def write(self, data):
        with self._lock:
            *lines, self._unfinished = (self._unfinished + bytes(data)).split(b"\n")
            for line in lines:
                self._channel.log(line.decode("utf-8", "replace"))
        if len(self._unfinished) > _LINE_BYTES_MAX:
            self.flush_line()
        return len(data)

    def flush_line(self):
        line, self._unfinished = self._unfinished, b""
        if line:
            self._channel.log(line.decode("utf-8", "replace"))


def _indent(line):
    """Log viewers take plain spaces at the start of a line away."""
    text = line.lstrip(" ")
    return _NO_BREAK_SPACE * (len(line) - len(text)) + text
