"""Connections to one build file: questions in threads, under a time limit, never more than so many.

What a connection may do: read this file and nothing else, for good. They are the driver's own: by
SQLAlchemy a statement costs half as much again, and a server's start a second more.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import duckdb
from numpy.typing import NDArray

from filmkin.errors import UnavailableError

Connection = duckdb.DuckDBPyConnection

Args = ParamSpec("Args")
T = TypeVar("T")

Question = Callable[Concatenate[Connection, Args], T]

_CONFIG = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
    # Requests run beside each other; one that took all cores would make the others wait.
    "threads": "1",
}

_WAIT_SECONDS = 5.0  # longest wait for a connection; then the service says that it is busy
_AGAIN_SECONDS = 0.05  # an interrupt that came between two statements is said again


def connect(file: Path, memory: str) -> Connection:
    """A connection to a build file; `memory` is what the database may take in all.

    Its `cursor()` is another one to the same. Raises duckdb.Error.
    """
    return duckdb.connect(file, read_only=True, config={**_CONFIG, "memory_limit": memory})


def columns(
    connection: Connection, sql: str, parameters: Sequence[object] = ()
) -> dict[str, NDArray[Any]]:
    """The answer of a statement, column by column. Raises duckdb.Error."""
    found = connection.execute(sql, parameters or None).fetchnumpy()
    return cast(dict[str, NDArray[Any]], found)  # an enumeration would be something else


@contextmanager
def memory_told() -> Iterator[None]:
    """While a block asks the database: UnavailableError where its memory is short."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        told = "The answer would take more memory than the database may have."
        raise UnavailableError(told) from error


class Connections:
    """So many connections to one build, open from the start.

    For one event loop, on which they are lent and taken back.
    """

    def __init__(self, connection: Connection, count: int, seconds: float) -> None:
        self.count = count
        self._seconds = seconds
        self._idle = [connection.cursor() for _ in range(count)]
        self._used = 0
        self._is_closed = False
        self._free = asyncio.Semaphore(count)
        self._free_at_length = asyncio.Semaphore(max(1, count - 1))
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="database")

    @property
    def used(self) -> int:
        """How many are lent."""
        return self._used

    async def ask(self, question: Question[Args, T], *args: Args.args, **kwargs: Args.kwargs) -> T:
        """The answer of `question(connection, ...)`, called in a thread.

        Raises UnavailableError when no connection gets free, and when time is up: then the
        question is interrupted. Who gives up waiting interrupts it too.
        """
        return await self._asked([self._free], lambda c: question(c, *args, **kwargs))

    async def ask_at_length(
        self, question: Question[Args, T], *args: Args.args, **kwargs: Args.kwargs
    ) -> T:
        """As `ask`, for what may take long: where there are several, one is left to the rest."""
        gates = [self._free_at_length, self._free]
        return await self._asked(gates, lambda c: question(c, *args, **kwargs))

    async def _asked(
        self, gates: Sequence[asyncio.Semaphore], question: Callable[[Connection], T]
    ) -> T:
        await _pass(gates)
        connection = self._idle.pop()
        self._used += 1
        loop = asyncio.get_running_loop()
        interrupted = False
        timer = loop.call_later(self._seconds, lambda: interrupt())

        def interrupt() -> None:
            nonlocal interrupted, timer
            interrupted = True
            connection.interrupt()
            timer.cancel()
            timer = loop.call_later(_AGAIN_SECONDS, interrupt)

        def take_back(asked: "asyncio.Future[T]") -> None:
            """Only the end of the thread frees the connection, whoever waits for it or does not."""
            timer.cancel()
            asked.exception()  # it has been told, or there is nobody to tell
            self._used -= 1
            for gate in gates:
                gate.release()
            if self._is_closed:
                connection.close()
            else:
                self._idle.append(connection)

        asked = loop.run_in_executor(self._threads, partial(question, connection))
        asked.add_done_callback(take_back)
        try:
            with memory_told():
                return await asyncio.shield(asked)
        except asyncio.CancelledError:
            if not asked.done():
                interrupt()
            raise
        except duckdb.InterruptException as error:
            if not interrupted:
                raise
            told = f"The answer would take longer than {self._seconds:g} s."
            raise UnavailableError(told) from error

    def close(self) -> None:
        """Close all connections; those that are lent, as they come back."""
        self._is_closed = True
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        self._threads.shutdown(wait=False)


async def _pass(gates: Sequence[asyncio.Semaphore]) -> None:
    """Acquire all of them, or none. Raises UnavailableError when that takes too long."""
    with ExitStack() as acquired:
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                for gate in gates:
                    await gate.acquire()
                    acquired.callback(gate.release)
        except TimeoutError:
            raise UnavailableError("All database connections are busy. Ask again.") from None
        acquired.pop_all()
