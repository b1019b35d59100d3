"""Invokes a function over gRPC: grpc_invoke.py [--tls DIR] HOST:PORT FUNCTION [EVENT]"""

import argparse
import pathlib
import sys

import grpc
from lambent.v1 import invocation_pb2 as messages
from lambent.v1.invocation_pb2_grpc import InvocationServiceStub

# Functions answer up to 6 MB; clients of gRPC take 4 unless they are told.
OPTIONS = [("grpc.max_receive_message_length", 8 * 1024 * 1024)]


def connect(address, tls):
    """A channel; `tls` is a directory that `lambent certs issue` wrote, or None."""
    address = address.removeprefix("grpc://")
    if tls is None:
        return grpc.insecure_channel(address, OPTIONS)
    ca, key, certificate = ((tls / name).read_bytes() for name in ("ca.pem", "key.pem", "cert.pem"))
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(ca, key, certificate), OPTIONS)


def main(address, function, event, tls):
    with connect(address, tls) as channel:
        client = InvocationServiceStub(channel)
        request = messages.InvokeRequest(function_name=function, payload=event.encode(), log_tail=True)
        try:
            answer = client.Invoke(request, timeout=30)
        except grpc.RpcError as error:
            trailers = dict(error.trailing_metadata() or ())
            kind = trailers.get("lambent-error-type", error.code().name)
            sys.exit(f"{kind}: {error.details()} (request {trailers.get('lambent-request-id', 'unknown')})")

        print(answer.log_tail.decode(), file=sys.stderr, end="")
        print(answer.payload.decode())
        if answer.function_error:
            sys.exit(f"the function failed: {answer.function_error}")

        # The same again in parts, and once more without waiting for it.
        streamed = messages.InvokeWithResponseStreamRequest(function_name=function, payload=event.encode())
        for part in client.InvokeWithResponseStream(streamed, timeout=30):
            if part.HasField("payload_chunk"):
                print(f"{len(part.payload_chunk)} bytes", file=sys.stderr)
        request.invocation_type = messages.INVOCATION_TYPE_EVENT
        print(f"accepted as {client.Invoke(request, timeout=5).request_id}", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", type=pathlib.Path, help="directory of this client's certificate")
    parser.add_argument("address")
    parser.add_argument("function")
    parser.add_argument("event", nargs="?", default="{}")
    main(**vars(parser.parse_args()))
