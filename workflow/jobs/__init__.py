"""Entries for spark-submit: arguments, session, read, one transform, write."""

import signal
import sys
from collections.abc import Callable

from workflow.parent import end_with_parent


def run_job(main: Callable[..., None]) -> None:
    """Run a job with the arguments of the command line, and end with the Java that started it."""
    end_with_parent(signal.SIGKILL)()
    main(*sys.argv[1:])
