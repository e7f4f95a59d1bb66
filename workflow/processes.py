"""Processes that end together: the batch, and the programs that it starts.

A program is told to end when the batch ends, however that ends: by `kill -9` as well, where the
kernel is Linux (PR_SET_PDEATHSIG, prctl(2)). An interrupted batch cleans up behind itself.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

log = logging.getLogger(__name__)

_SET_PARENT_DEATH_SIGNAL = 1
_PATIENCE = 10.0  # seconds, for a program that was asked to end
_KEPT_LINES = 5000  # a failure of Spark is told with all its causes
_CLEAR_LINE = "\r\x1b[K"
_PROGRESS = "[Stage "  # how Spark's progress bar begins; it is drawn again after a carriage return


def end_in_order() -> None:
    """From now on, let SIGTERM end this process like Ctrl-C: by way of all `finally` blocks.

    So does the end of the process that began the run, where this is one of Luigi's workers.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # whoever runs the batch in a thread of a program of their own ends it themselves
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    if multiprocessing.parent_process() is not None:
        end_with_parent(signal.SIGTERM)()


@contextmanager
def interruptible() -> Iterator[None]:
    """A block that ends with KeyboardInterrupt if there was one, whatever a library made of it."""
    try:
        yield
    except Exception as error:
        if _interrupted:
            raise KeyboardInterrupt from error
        raise


_interrupted: list[signal.Signals] = []


def _interrupt(number: int, _frame: FrameType | None) -> None:
    if not _interrupted:
        name = signal.Signals(number).name
        log.warning("%s: ending. What is done stays; run again to go on from there.", name)
        sys.tracebacklimit = 0  # where it was interrupted tells nobody anything
    _interrupted.append(signal.Signals(number))
    raise KeyboardInterrupt


def end_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A function for a new process: it gets this signal once the process that started it is gone.

    To be called before a fork, for what it does in between must take no lock.
    """
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_SET_PARENT_DEATH_SIGNAL, number)


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
        preexec_fn=end_with_parent(signal.SIGTERM),
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
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
