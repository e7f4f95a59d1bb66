"""Programs that a test starts, watches and ends."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 300.0  # seconds; far beyond what any step takes, so that only what hangs gets there
_LOOK_AGAIN_SECONDS = 0.02


class Program:
    """A program in a process group of its own, that writes what it says to a file."""

    def __init__(
        self,
        name: str,
        command: list[str],
        folder: Path,
        environment: Mapping[str, str],
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / f"{name}.log"
        folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=cwd or folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_heed_interrupts,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def until(self, what: str, condition: Callable[[], T | None], seconds: float = PATIENCE) -> T:
        """Wait, while the program runs, until `condition` gives something true; returns it."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert self._process.poll() is None, self._complaint(f"ended before {what}")
            assert time.monotonic() < deadline, self._complaint(f"{seconds:g} s without {what}")
            time.sleep(_LOOK_AGAIN_SECONDS)
        return found

    def said(self, pattern: str) -> str:
        """Wait for a line of the log; returns the pattern's group."""
        found = self.until(f"saying {pattern}", lambda: re.findall(pattern, self._log_text()))
        return str(found[0])

    def wait(self, seconds: float = PATIENCE, expect: int = 0) -> str:
        """Wait for the program's end, which must be the expected one; returns what it said."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(self._complaint(f"{seconds:g} s without an end")) from None
        assert code == expect, self._complaint(f"ended with {code}")
        return self._log_text()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def freeze(self) -> None:
        """Stop its process group where it stands; only `kill` is possible then."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """kill -9 its process group, as when a machine dies."""
        with suppress(ProcessLookupError):  # all of it may have ended
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _complaint(self, what: str) -> str:
        tail = self._log_text().splitlines()[-60:]
        return "\n".join([f"{self.name}: {what}. Its log ends:", *tail])


def _heed_interrupts() -> None:
    """For a new process: Ctrl-C ends it, also where a shell started the tests in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
