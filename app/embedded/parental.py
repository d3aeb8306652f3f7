"""A child that does not outlive its parent, however that one ends."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1

_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def end_with_parent(wanted: signal.Signals) -> None:
    """Have this process sent the signal when the thread that made it dies.

    Where there is no prctl it does nothing. Changing user afterwards would undo it.
    """
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, int(wanted), 0, 0, 0)


def follow_parent(wanted: signal.Signals) -> Callable[[], None]:
    """Return what a new child calls to end with us."""
    parent = os.getpid()

    def follow() -> None:
        end_with_parent(wanted)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return follow
