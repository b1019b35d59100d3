"""The sockets that the worker serves inside the sandbox."""

import json
import os
import socket

_BACKLOG = 128
_ACKNOWLEDGEMENT_BYTES_MAX = 4096


def hand_over():
    """Listens wherever LAMBENT_DOORWAYS says and hands the sockets to the worker, in the form of Node's child channel.

    What Lambent alone put into the environment is gone afterwards: no code of the function has run yet.
    """
    doorways = os.environ.get("LAMBENT_DOORWAYS", "")
    node_channel = os.environ.pop("NODE_CHANNEL_FD", None)
    for name in [name for name in os.environ if name.startswith("LAMBENT_")]:
        del os.environ[name]
    if node_channel is None:
        return
    with socket.socket(fileno=int(node_channel)) as channel:
        channel.setblocking(True)
        for doorway in filter(None, doorways.split(",")):
            name, port = doorway.split(":")
            _hand_over_one(channel, name, int(port))


def _hand_over_one(channel, name, port):
    message = json.dumps({"cmd": "NODE_HANDLE", "type": "net.Server", "msg": name}) + "\n"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen(_BACKLOG)
        socket.send_fds(channel, [message.encode()], [server.fileno()])
        # The worker acknowledges each handle, with one line, before it takes the next.
        while not _is_end(channel.recv(_ACKNOWLEDGEMENT_BYTES_MAX)):
            pass


def _is_end(piece):
    return not piece or piece.endswith(b"\n")
