"""Invokes a function over NATS: nats_invoke.py [--tls DIR] URL FUNCTION [EVENT]"""

import argparse
import asyncio
import pathlib
import ssl
import sys
import urllib.parse

import nats

CLUSTER = "lambent"


def token(name):
    """One part of a subject: letters, digits, - and _ stay, every other byte of its UTF-8 becomes %XX."""
    return urllib.parse.quote(name, safe="").replace(".", "%2E").replace("~", "%7E")


def credentials(tls):
    """From a directory that `lambent certs issue` wrote."""
    context = ssl.create_default_context(cafile=tls / "ca.pem")
    context.load_cert_chain(tls / "cert.pem", tls / "key.pem")
    return context


async def main(url, function, event, tls):
    client = await nats.connect(url, tls=tls and credentials(tls))
    try:
        # A request is answered with what the function answers.
        headers = {"Lambent-Deadline-Ms": "30000", "Lambent-Log-Type": "Tail"}
        subject = f"{CLUSTER}.invoke.{token(function)}"
        answer = await client.request(subject, event.encode(), timeout=30, headers=headers)
        print(answer.data.decode())
        if answer.headers["Lambent-Status"] != "200" or "Lambent-Function-Error" in answer.headers:
            sys.exit(f"it failed: {answer.headers.get('Lambent-Error-Type', 'in the function')}")

        # An event is answered when it is durable; sent again under the same name it is still one event.
        headers = {"Nats-Msg-Id": answer.headers["Lambent-Request-Id"]}
        subject = f"{CLUSTER}.event.{token(function)}"
        for _ in range(2):
            accepted = await client.request(subject, event.encode(), timeout=5, headers=headers)
            print(f"accepted as {accepted.headers['Lambent-Request-Id']}", file=sys.stderr)
    finally:
        await client.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", type=pathlib.Path, help="directory of this client's certificate")
    parser.add_argument("url")
    parser.add_argument("function")
    parser.add_argument("event", nargs="?", default="{}")
    asyncio.run(main(**vars(parser.parse_args())))
