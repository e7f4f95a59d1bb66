"""A process that ends with the one that started it, after `kill -9` as well; on Linux alone.

PR_SET_PDEATHSIG, prctl(2): https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_SET_PARENT_DEATH_SIGNAL = 1


def end_with_parent(number: signal.Signals, parent: int | None = None) -> Callable[[], None]:
    """A function for a new process: it gets this signal once the process that started it is gone.

    To be called before a fork, with the process that will be the parent, for what is done after it
    must take no lock. In a process that is there already `parent` is left out.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl

    def bind() -> None:
        prctl(_SET_PARENT_DEATH_SIGNAL, number)
        if parent is not None and os.getppid() != parent:  # it was quicker
            os._exit(128 + number)

    return bind
