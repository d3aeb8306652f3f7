"""A child that does not outlive its parent, however that one ends."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1

_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def follow_parent(wanted: signal.Signals) -> Callable[[], None]:
    """Return what a child calls to be sent the signal when its parent dies.

    The parent is the thread that makes the child, and is still there when this is called.
    Changing user afterwards would undo it. Where there is no prctl it does nothing.
    """
    parent = os.getpid()

    def follow() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(wanted), 0, 0, 0)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return follow
