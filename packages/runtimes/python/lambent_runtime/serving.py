"""One event after another, as AWS's own client would serve them."""

import os
import sys

from . import assignment, compiled, doorways, handler, snapstart
from .channel import Channel
from .context import LambdaContext
from .faults import Fault, describe
from .logs import Logs
from .marshal import read_event, to_json, write_result

_LAYERS = "/opt/python"
_EXIT_INIT_FAILED = 1


def serve():
    is_ahead = "LAMBENT_AHEAD" in os.environ
    wish = os.environ.get("LAMBENT_COMPILED")
    doorways.hand_over()
    if is_ahead:
        assignment.wait()
        wish = os.environ.pop("LAMBENT_COMPILED", None)
    hand_over_compiled = compiled.keep(wish)
    channel = Channel()
    logs = Logs(channel)
    try:
        handle = _load()
    except Exception as error:
        document = describe(error)
        logs.flush()
        logs.error(document)
        channel.fail_init(document["errorType"], to_json(document).encode())
        sys.exit(_EXIT_INIT_FAILED)
    hand_over_compiled(channel)
    if snapstart.applies():
        snapstart.hold(channel, logs)
    channel.ask()
    while True:
        head, payload = channel.next_event()
        logs.request_id = head["requestId"]
        logs.tenant_id = head.get("tenantId")
        _publish_trace(head.get("trace"))
        _invoke(handle, head, payload, channel, logs)


def _load():
    if os.environ.get("AWS_LAMBDA_EXEC_WRAPPER"):
        raise Fault("ExecWrapperUnsupported", "Lambent does not start a runtime through AWS_LAMBDA_EXEC_WRAPPER.")
    packages = "{}/lib/python{}.{}/site-packages".format(_LAYERS, *sys.version_info[:2])
    sys.path[:0] = [os.environ["LAMBDA_TASK_ROOT"], packages, _LAYERS]
    return handler.load(os.environ["_HANDLER"])


def _invoke(handle, head, payload, channel, logs):
    request_id = head["requestId"]
    try:
        result = write_result(handle(read_event(payload), LambdaContext(head, logs.log)))
    except Exception as error:
        document = describe(error, request_id)
        logs.flush()
        logs.error(document)
        channel.fail(request_id, document["errorType"], to_json(document).encode())
        return
    logs.flush()
    channel.respond(request_id, result)


def _publish_trace(header):
    """Puts the trace header where tracing libraries look for it."""
    if header is not None:
        os.environ["_X_AMZN_TRACE_ID"] = header
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
