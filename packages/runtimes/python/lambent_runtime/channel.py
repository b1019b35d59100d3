"""This end of the framed channel to the worker; src/frames.ts describes the frames."""

import json
import os
import socket
import struct
import threading

_CHANNEL_FD = 4
_NEXT, _RESPONSE, _ERROR, _OVERSIZE, _INIT_ERROR, _LOG, _HELD, _RESTORE_ERROR = 1, 2, 3, 4, 5, 6, 8, 9
_COMPILED = 12

_HEADER = struct.Struct(">IB")
_LENGTH = struct.Struct(">I")
_SHORT_LENGTH = struct.Struct(">H")
_NEXT_FRAME = _HEADER.pack(0, _NEXT)
_HELD_FRAME = _HEADER.pack(0, _HELD)
# Lambda's bound on what a function may answer, where an event says nothing else.
_ANSWER_BYTES_MAX = 6_291_556
# One log event; a longer record is cut into several.
_RECORD_BYTES_MAX = 256 * 1024
_READ_BYTES = 64 * 1024
# A compiled file; a larger one is compiled anew each time.
_COMPILED_BYTES_MAX = 8 * 1024 * 1024


class Channel:
    """One write for each record, and one for an answer and the asking for the next event."""

    def __init__(self):
        os.set_inheritable(_CHANNEL_FD, False)
        self._socket = socket.socket(fileno=_CHANNEL_FD)
        self._socket.setblocking(True)
        self._reader = self._socket.makefile("rb", buffering=_READ_BYTES)
        # Records come from any thread.
        self._lock = threading.Lock()
        self._is_ours = True
        self._answer_bytes_max = _ANSWER_BYTES_MAX
        os.register_at_fork(after_in_child=self._leave_to_parent)

    def next_event(self):
        """Waits for an event: its head, as a dictionary, and its payload, as text."""
        length, _ = _HEADER.unpack(self._read(_HEADER.size))
        body = self._read(length)
        payload_at = _LENGTH.size + _LENGTH.unpack_from(body)[0]
        head = json.loads(body[_LENGTH.size : payload_at])
        self._answer_bytes_max = head.get("answerBytesMax", _ANSWER_BYTES_MAX)
        return head, body[payload_at:].decode()

    def ask(self):
        """Asks for the first event."""
        self._write(_NEXT_FRAME)

    def respond(self, request_id, payload):
        self._write(_answer(_RESPONSE, (request_id,), payload, self._answer_bytes_max) + _NEXT_FRAME)

    def fail(self, request_id, error_type, document):
        self._write(_answer(_ERROR, (request_id, error_type), document, self._answer_bytes_max) + _NEXT_FRAME)

    def compiled(self, path, content):
        """A file of what was compiled; one without a name is the last."""
        if len(content) <= _COMPILED_BYTES_MAX:
            name = path.encode()
            body = _SHORT_LENGTH.pack(len(name)) + name + content
            self._write(_HEADER.pack(len(body), _COMPILED) + body)

    def fail_init(self, error_type, document):
        self._write(_answer(_INIT_ERROR, (error_type,), document))

    def await_restore(self):
        """Says that the init is over, and returns when the environment is about to be used."""
        self._write(_HELD_FRAME)
        self._read(_HEADER.size)

    def fail_restore(self, error_type, document):
        self._write(_answer(_RESTORE_ERROR, (error_type,), document))

    def log(self, record):
        data = record.encode("utf-8", "backslashreplace")
        if not self._is_ours:
            os.write(1, data + b"\n")
            return
        at = 0
        while True:
            end = min(at + _RECORD_BYTES_MAX, len(data))
            # Not in the middle of a character.
            while end < len(data) and data[end] & 0xC0 == 0x80:
                end -= 1
            self._write(_HEADER.pack(end - at, _LOG) + data[at:end])
            at = end
            if at >= len(data):
                return

    def _leave_to_parent(self):
        """A forked child prints to the pipes: two writers would tear each other's frames."""
        self._is_ours = False

    def _read(self, length):
        data = self._reader.read(length)
        if len(data) < length:
            # The worker is gone, and with it the reason to run.
            os._exit(0)
        return data

    def _write(self, data):
        with self._lock:
            self._socket.sendall(data)


def _answer(kind, texts, payload, bytes_max=_ANSWER_BYTES_MAX):
    if len(payload) > bytes_max:
        kind, texts, payload = _OVERSIZE, texts[:1], _LENGTH.pack(len(payload))
    shorts = b"".join(bytes((len(short),)) + short for short in (text.encode()[:255] for text in texts))
    return _HEADER.pack(len(shorts) + len(payload), kind) + shorts + payload
