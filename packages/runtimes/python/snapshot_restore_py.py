"""Runtime hooks of functions with SnapStart, under the name and with the functions that AWS's runtimes have them."""

_before_snapshot = []
_after_restore = []


def register_before_snapshot(func, *args, **kwargs):
    """To be called after the init, before the environment waits; the one registered last comes first."""
    _before_snapshot.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    """To be called before the environment's first event, in the order of registration."""
    _after_restore.append((func, args, kwargs))
    return func


def get_before_snapshot():
    return _before_snapshot


def get_after_restore():
    return _after_restore
