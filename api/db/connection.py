"""Read-only connections to the published build, and the change to a newer one.

A build is a file of its own under a link (`workflow.load`). A file is opened by its own name, never
by the link's: a process that opens the same path twice can see stale data. Requests that run when
a newer build is published finish on the old one, which is closed after the last of them.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from api.db.build import prove_usable
from api.db.vectors import inverted_index
from filmkin.errors import UnavailableError
from filmkin.neighbours import InvertedIndex

log = logging.getLogger(__name__)

# The dialect's one name. What a connection may do: read this file and nothing else, for good.
_DIALECT = "duckdb"
_CONFIG = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}


_POOL_SECONDS = 5.0  # longest wait for a connection; then the service says that it is busy


class Reader(NamedTuple):
    """What one request reads from: a connection to a build, and all vectors of the same build."""

    connection: Connection
    vectors: InvertedIndex


class Build:
    """One open build file, closed when it is retired and nobody reads it any more.

    Its vectors are read when it is opened, which no request waits for, and go when it goes.
    """

    def __init__(self, file: Path, connections: int) -> None:
        self.file = file
        self._readers = 0
        self._retired = False
        self._lock = threading.Lock()
        self._engine, self._vectors = _open(file, connections)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """With a connection from the pool. Call between `enter` and `leave`."""
        with self._engine.connect() as connection:
            yield Reader(connection, self._vectors)

    def enter(self) -> bool:
        """Count a reader; False when the build is retired already."""
        with self._lock:
            if self._retired:
                return False
            self._readers += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._readers -= 1
            last = self._retired and self._readers == 0
        if last:
            self._engine.dispose()

    def retire(self) -> None:
        with self._lock:
            self._retired = True
            idle = self._readers == 0
        if idle:
            self._engine.dispose()


class Database:
    """The published build behind a link, followed as it changes."""

    def __init__(self, link: Path, connections: int, seconds: float) -> None:
        self._link = link
        self._seconds = seconds
        self._connections = connections
        self._build: Build | None = None
        self._refused: Path | None = None

    def refresh(self) -> None:
        """Open the build that the link leads to now, if it is another; a bad one is refused."""
        try:
            file = self._link.resolve(strict=True)
        except OSError:
            if self._build is None and self._refused != self._link:
                log.warning("no build is published at %s yet", self._link)
                self._refused = self._link
            return
        if self._build is not None and file == self._build.file:
            return
        try:
            build = Build(file, self._connections)
        except (SQLAlchemyError, duckdb.Error) as error:
            if file != self._refused:
                log.error("the build %s cannot be read, and is not served: %s", file.name, error)
            self._refused = file
            return
        old, self._build = self._build, build
        log.info("serving the build %s", file.name)
        if old is not None:
            old.retire()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """The connection alone of `reader`."""
        with self.reader() as reader:
            yield reader.connection

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The newest build, for one request and its time.

        Raises UnavailableError without a build, without a free connection, and when time is up.
        """
        build = self._build
        while build is not None and not build.enter():
            build = self._build  # retired between the two lines: take its successor
        if build is None:
            raise UnavailableError("No film database is published yet. Build one, then ask again.")
        try:
            with build.reader() as reader, _limited(reader.connection, self._seconds):
                yield reader
        except PoolTimeoutError as error:
            raise UnavailableError("All database connections are busy. Ask again.") from error
        finally:
            build.leave()

    def close(self) -> None:
        build, self._build = self._build, None
        if build is not None:
            build.retire()


@contextmanager
def _limited(connection: Connection, seconds: float) -> Iterator[None]:
    """Interrupt what the connection does after so long; raises UnavailableError then."""
    timer = threading.Timer(seconds, connection.connection.interrupt)
    timer.start()
    try:
        yield
    except DBAPIError as error:
        if not isinstance(error.orig, duckdb.InterruptException):
            raise
        connection.rollback()  # without it the connection is of no more use
        raise UnavailableError(f"The answer would take longer than {seconds:g} s.") from error
    finally:
        timer.cancel()
        timer.join()  # it is not to interrupt who gets the connection next


def _open(file: Path, connections: int) -> tuple[Engine, InvertedIndex]:
    """An engine on a build file, and its vectors; raises SQLAlchemyError or duckdb.Error."""
    engine = create_engine(
        URL.create(_DIALECT, database=str(file)),
        connect_args={"read_only": True, "config": dict(_CONFIG)},
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
    )
    try:
        with engine.connect() as connection:
            prove_usable(connection)
            return engine, inverted_index(connection)
    except (SQLAlchemyError, duckdb.Error):
        engine.dispose()
        raise
