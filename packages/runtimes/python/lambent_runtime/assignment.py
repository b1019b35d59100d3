"""Waiting for a function, in a process that was started before anybody knew for which."""

import json
import os
import socket
import struct
import time

_CHANNEL_FD = 4
_BOOTED = 7
# Where the locale that LANG names is not there, Python starts with another one and tells its children so.
_SET_BY_PYTHON = ("LC_CTYPE",)
_HEADER = struct.Struct(">IB")


def wait():
    """Says that it is there, and returns once it is as if it had been started with its function's environment."""
    with socket.socket(fileno=os.dup(_CHANNEL_FD)) as channel:
        channel.setblocking(True)
        channel.sendall(_HEADER.pack(0, _BOOTED))
        length, _ = _HEADER.unpack(_read(channel, _HEADER.size))
        assignment = json.loads(_read(channel, length))
    own = {name: os.environ[name] for name in _SET_BY_PYTHON if name in os.environ}
    os.environ.clear()
    os.environ.update({**own, **assignment["environment"]})
    time.tzset()
    # The code was mounted over the directory that it stood in.
    os.chdir(os.environ["LAMBDA_TASK_ROOT"])


def _read(channel, length):
    data = b""
    while len(data) < length:
        piece = channel.recv(length - len(data))
        if not piece:
            # The worker is gone, and with it the reason to wait.
            os._exit(0)
        data += piece
    return data
