"""Processes that write ratings, from many callers at once, until they are done or killed.

Each says in its log what it sends and what was acknowledged: `sent USER FILM VERSION`, `done USER
FILM VERSION`. The versions of a film follow each other; its rating and time tell which one it is.
"""

import asyncio
import multiprocessing
import re
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from store.group_commit import GroupCommit
from store.ratings import RatingStore, Write

CALLERS = 8
FILMS = 5
_VERSIONS_A_STAR = 2_000
_SECONDS = 60.0  # far beyond what any of it takes

Versions = dict[tuple[str, int], int]


class Writer:
    """A process that writes `versions` of each film of each user."""

    def __init__(self, url: str, log: Path, versions: range) -> None:
        self._log = log
        # Forked by a process that has imported this file, and nothing of the test's.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, "psycopg"])
        self._process = context.Process(target=_write, args=(url, log, versions))
        log.touch()
        self._process.start()

    def wait_for_first(self) -> None:
        """Until one write was acknowledged."""
        deadline = time.monotonic() + _SECONDS
        while not self.said("done"):
            assert self._process.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def wait(self) -> None:
        self._process.join(_SECONDS)
        assert self._process.exitcode == 0

    def kill(self) -> None:
        """kill -9, in the midst of its work."""
        assert self._process.is_alive()
        self._process.kill()
        self._process.join(_SECONDS)

    def said(self, what: str) -> Versions:
        """The last version of each film that was sent, or done."""
        lines = re.findall(rf"^{what} (.+) (\d+) (\d+)\n", self._log.read_text("utf-8"), re.M)
        return {(user_id, int(film_id)): int(version) for user_id, film_id, version in lines}


def version_of(rating: float) -> int:
    return round((rating - 0.5) * _VERSIONS_A_STAR)


def time_of(version: int) -> datetime:
    return datetime.fromtimestamp(version, UTC)


def _write(url: str, log: Path, versions: range) -> None:
    with closing(RatingStore(url)) as store, log.open("a", buffering=1, encoding="utf-8") as said:
        asyncio.run(_write_all(store, versions, said))


async def _write_all(store: RatingStore, versions: range, said: TextIO) -> None:
    group = GroupCommit(store)
    callers = (_caller(group, f"user {n}", versions, said) for n in range(CALLERS))
    await asyncio.gather(*callers)
    await group.close()


async def _caller(group: GroupCommit, user_id: str, versions: range, said: TextIO) -> None:
    for version in versions:
        for film_id in range(FILMS):
            rating = 0.5 + version / _VERSIONS_A_STAR
            said.write(f"sent {user_id} {film_id} {version}\n")
            await group.put([Write(user_id, film_id, rating, time_of(version))])
            said.write(f"done {user_id} {film_id} {version}\n")
