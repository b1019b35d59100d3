"""What Python compiled of the function while it loaded."""

import os
import shutil
import sys

# Where a runtime that is asked for what it compiled keeps it until it has handed it over.
_OWN_DIRECTORY = "/tmp/.lambent-compiled"
_TAKE = "take"


def keep(wish):
    """
    Reads it from a directory that an earlier environment's is kept in, or keeps it to be handed over, as the worker
    says. Returns how to hand it over.
    """
    # A function that has a place for it of its own is left alone.
    if not wish or sys.pycache_prefix is not None:
        return lambda channel: None
    if wish != _TAKE:
        sys.pycache_prefix = wish
        sys.dont_write_bytecode = True
        return lambda channel: None
    before = sys.dont_write_bytecode
    sys.pycache_prefix = _OWN_DIRECTORY
    sys.dont_write_bytecode = False
    return lambda channel: _hand_over(channel, before)


def _hand_over(channel, dont_write_bytecode):
    sys.pycache_prefix = None
    sys.dont_write_bytecode = dont_write_bytecode
    try:
        for directory, _, names in os.walk(_OWN_DIRECTORY):
            for name in names:
                path = os.path.join(directory, name)
                with open(path, "rb") as file:
                    channel.compiled(os.path.relpath(path, _OWN_DIRECTORY), file.read())
        channel.compiled("", b"")
    except OSError:
        # Without it the next environment compiles anew, as this one did.
        pass
    shutil.rmtree(_OWN_DIRECTORY, ignore_errors=True)
