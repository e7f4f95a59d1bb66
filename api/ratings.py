"""The ratings store behind the service: opened, asked in threads, and tried again when it fails."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar

from filmkin.errors import StoreError, StoreUnavailableError, UnavailableError
from store.group_commit import GroupCommit
from store.ratings import Rating, RatingStore, Write

log = logging.getLogger(__name__)

T = TypeVar("T")

# A person's ratings take a millisecond or some, of a database elsewhere more: never the loop's.
_READERS = 4
_RETRY_SECONDS = 5.0  # a store that could not be opened is left alone for so long
_LOOK_SECONDS = 1.0  # longest wait for a store that is only looked at
_STATEMENT_SECONDS = 10  # that a database may take for one statement
_ANSWER_SECONDS = 15.0  # longest wait for a store; a server that hangs does not even say no

_UNREACHABLE = "The ratings store cannot be reached now. Ask again."


class _Opened(NamedTuple):
    store: RatingStore
    commits: GroupCommit


class Ratings:
    """What people rated; for one event loop.

    Every method raises UnavailableError while the store cannot be reached. What was being written
    then may be stored or not.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="ratings-read")
        self._opened: _Opened | None = None
        self._opening: asyncio.Task[_Opened] | None = None
        self._is_closed = False
        self._failed_at = -math.inf

    async def of(self, user_id: str) -> Sequence[Rating]:
        """A person's ratings, the newest first."""
        async with _told():
            store = (await self._open()).store
            return await self._in_thread(lambda: store.of(user_id))

    async def put(self, writes: Sequence[Write]) -> None:
        """Store ratings; when it returns, they are on the disk."""
        async with _told():
            await (await self._open()).commits.put(writes)

    async def forget(self, user_id: str, film_id: int | None = None) -> int:
        """Forget a person's rating of a film, or all of them; returns how many."""
        async with _told():
            return await (await self._open()).commits.forget(user_id, film_id)

    async def is_usable(self) -> bool:
        """Whether it can be read now."""
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                store = (await self._open()).store
                return await self._in_thread(store.is_usable)
        except (TimeoutError, StoreError, UnavailableError):
            return False

    async def open(self) -> None:
        """Open it now, so that no request waits for that; one that cannot be reached is opened
        later. Raises StoreError for what is no ratings store.
        """
        try:
            async with _told():
                await self._open()
        except UnavailableError:
            return  # it is logged

    async def close(self) -> None:
        """Commit what is waiting, and close; a store that is being opened too."""
        self._is_closed = True
        if self._opening is not None:
            await asyncio.wait([self._opening], timeout=_ANSWER_SECONDS)
        await self._close_opened()
        self._threads.shutdown(wait=False)

    async def _open(self) -> _Opened:
        """It is opened once, whoever waits for that; who gives up waiting does not end it.

        One whose file was deleted or replaced is opened anew.
        """
        if self._opened is not None and not self._opened.store.has_moved():
            return self._opened
        if self._opening is None:
            if time.monotonic() < self._failed_at + _RETRY_SECONDS:
                raise UnavailableError(_UNREACHABLE)
            self._opening = asyncio.create_task(self._make())
            self._opening.add_done_callback(self._made)
        return await asyncio.shield(self._opening)

    async def _close_opened(self) -> None:
        if self._opened is not None:
            old, self._opened = self._opened, None
            await old.commits.close()
            old.store.close()

    async def _make(self) -> _Opened:
        if self._opened is not None:
            log.warning("the file of the ratings store was deleted or replaced: it is opened anew")
            # First, for SQLite keeps what is not yet in the file beside it, by the file's name.
            await self._close_opened()
        try:
            store = await self._in_thread(
                lambda: RatingStore(self._url, statement_seconds=_STATEMENT_SECONDS)
            )
        except StoreUnavailableError as error:
            raise _unavailable(error) from error
        if self._is_closed:
            store.close()
            raise UnavailableError(_UNREACHABLE)
        self._opened = _Opened(store, GroupCommit(store))
        return self._opened

    def _made(self, opening: "asyncio.Task[_Opened]") -> None:
        self._opening = None
        if opening.cancelled() or opening.exception():
            self._failed_at = time.monotonic()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    """That a store cannot be reached, or does not answer at all."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            yield
    except TimeoutError:
        log.warning("the ratings store has not answered for %g s", _ANSWER_SECONDS)
        raise UnavailableError(_UNREACHABLE) from None
    except StoreUnavailableError as error:
        raise _unavailable(error) from error


def _unavailable(error: StoreUnavailableError) -> UnavailableError:
    """What is told; what is known goes to the log, for it names hosts and files."""
    log.warning("the ratings store cannot be used: %s", error)
    return UnavailableError(_UNREACHABLE)
