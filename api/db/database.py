"""The published build behind a link, followed as it changes.

A build is a file of its own under a link (`workflow.load`). A file is opened by its own name, never
by the link's: a process that opens the same path twice can see stale data. Requests that run when
a newer build is published finish on the old one, which is closed after the last of them.
"""

import asyncio
import logging
from pathlib import Path

import duckdb

from api.db.build import Build
from api.settings import Settings
from filmkin.errors import UnavailableError

# While requests are answered, one thread alone reads a newer build: more would make them wait.
_THREADS_OF_A_START = 3

log = logging.getLogger(__name__)

# What a file that is no build, or a damaged one, makes of the reading of it.
_UNUSABLE = (duckdb.Error, ArithmeticError, AssertionError, LookupError, TypeError, ValueError)

_NOT_PUBLISHED = "No film database is published yet. Build one, then ask again."


class Database:
    """The newest usable build. For one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._link = settings.database
        self._build: Build | None = None
        self._refused: tuple[Path, int] | None = None  # a file as it was when it was refused
        self._is_missed = False
        self.reason = _NOT_PUBLISHED  # why there is no build, while there is none

    @property
    def build(self) -> Build:
        """What a request reads from. Raises UnavailableError while there is none."""
        if self._build is None:
            raise UnavailableError(self.reason)
        return self._build

    async def refresh(self) -> None:
        """Open the build that the link leads to now, if it is another; a bad one is refused."""
        file = await asyncio.to_thread(self._target)
        if file is None or (self._build is not None and file == self._build.file):
            return
        if self._refused == (file, _changed(file)):
            return
        threads = _THREADS_OF_A_START if self._build is None else 1
        try:
            opened = await asyncio.to_thread(Build, file, self._settings, threads)
        except _UNUSABLE as error:
            self._refuse(file, error)
            return
        old, self._build = self._build, opened
        log.info("serving the build %s", file.name)
        if old is not None:
            old.retire()

    def close(self) -> None:
        build, self._build = self._build, None
        if build is not None:
            build.retire()

    def _target(self) -> Path | None:
        try:
            return self._link.resolve(strict=True)
        except OSError:
            if self._build is None and not self._is_missed:
                log.warning("no build is published at %s yet", self._link)
                self._is_missed = True
            return None

    def _refuse(self, file: Path, error: Exception) -> None:
        log.error("the build %s cannot be read, and is not served: %s", file.name, error)
        self.reason = f"The build {file.name} that is published cannot be read."
        self._refused = (file, _changed(file))


def _changed(file: Path) -> int:
    """When a file was changed last; 0 when it is gone."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
