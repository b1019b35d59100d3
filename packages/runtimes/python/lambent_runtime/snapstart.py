"""What a function with SnapStart does between its init and its first event."""

import os
import sys

from .faults import describe
from .marshal import to_json

_REGISTRY = "snapshot_restore_py"
# What AWS's client exits with.
_EXIT_BEFORE_SNAPSHOT = 64
_EXIT_AFTER_RESTORE = 65


def applies():
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"


def hold(channel, logs):
    """Runs the hooks on both sides of the wait for being used. Does not return when one of them fails."""
    # Whichever copy the function imported; without one it has no hooks.
    registry = sys.modules.get(_REGISTRY)
    try:
        for hook in reversed(registry.get_before_snapshot() if registry else []):
            _run(hook)
        logs.flush()
    except BaseException as error:
        channel.fail_init("Runtime.BeforeSnapshotError", _document(error, logs))
        sys.exit(_EXIT_BEFORE_SNAPSHOT)
    channel.await_restore()
    try:
        for hook in registry.get_after_restore() if registry else []:
            _run(hook)
        logs.flush()
    except BaseException as error:
        channel.fail_restore("Runtime.AfterRestoreError", _document(error, logs))
        sys.exit(_EXIT_AFTER_RESTORE)


def _run(hook):
    function, arguments, keywords = hook
    function(*arguments, **keywords)


def _document(error, logs):
    document = describe(error)
    logs.flush()
    logs.error(document)
    return to_json(document).encode()
