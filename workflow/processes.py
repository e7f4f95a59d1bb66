"""Processes that end together: the batch, and the programs that it starts.

A program is told to end when the batch ends, however that ends; an interrupted batch cleans up
behind itself.
"""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

from workflow.parent import end_with_parent

log = logging.getLogger(__name__)

_PATIENCE = 10.0  # seconds, for a program that was asked to end
_KEPT_LINES = 5000  # a failure of Spark is told with all its causes
_CLEAR_LINE = "\r\x1b[K"
_PROGRESS = "[Stage "  # how Spark's progress bar begins; it is drawn again after a carriage return


def end_in_order() -> None:
    """From now on, let SIGTERM and SIGHUP end this process like Ctrl-C: by all `finally` blocks.

    So does the end of the process that began the run, where this is one of Luigi's workers.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # whoever runs the batch in a thread of a program of their own ends it themselves
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _interrupt)
    if (parent := multiprocessing.parent_process()) is not None:
        end_with_parent(signal.SIGTERM, parent.pid)()


@contextmanager
def interruptible() -> Iterator[None]:
    """A block that ends with KeyboardInterrupt if there was one, whatever a library made of it."""
    try:
        yield
    finally:
        if _interrupted:
            raise KeyboardInterrupt


_interrupted: list[signal.Signals] = []


def _interrupt(number: int, _frame: FrameType | None) -> None:
    if not _interrupted:
        name = signal.Signals(number).name
        log.warning("%s: ending. What is done stays; run again to go on from there.", name)
        sys.tracebacklimit = 0  # where it was interrupted tells nobody anything
    _interrupted.append(signal.Signals(number))
    raise KeyboardInterrupt


def run_program(command: list[str], environment: Mapping[str, str]) -> None:
    """Run a program to its end. On a terminal, Spark's progress is shown.

    Raises CalledProcessError with the last lines that it said as `stderr`. The program, and what it
    started, is ended when this is left by an exception.
    """
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C reaches it by way of us, who wait for its end
        preexec_fn=end_with_parent(signal.SIGTERM, os.getpid()),
    ) as process:
        try:
            said = _listen(process)
        finally:
            _end(process)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command[0], stderr=said)


def _listen(process: "subprocess.Popen[bytes]") -> str:
    """The last lines of a program, read until its end."""
    said: deque[str] = deque(maxlen=_KEPT_LINES)
    shows_progress = sys.stderr.isatty()
    assert process.stdout is not None
    rest = ""
    while data := os.read(process.stdout.fileno(), 1 << 16):
        *pieces, rest = (rest + data.decode(errors="replace")).replace("\r", "\n").split("\n")
        for piece in pieces:
            if not piece.startswith(_PROGRESS):
                said.append(piece)
            elif shows_progress:
                sys.stderr.write(f"{_CLEAR_LINE}{piece}")
                sys.stderr.flush()
    if shows_progress:
        sys.stderr.write(_CLEAR_LINE)
    return "\n".join(said)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Let the program's process group end: it is asked first, and killed after a while."""
    try:
        if process.poll() is None:
            _signal_group(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)
    finally:
        _signal_group(process, signal.SIGKILL)


def _signal_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # all of it has ended
        os.killpg(process.pid, number)
