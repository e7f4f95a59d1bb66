"""Opens the database of a store: what SQLite, PostgreSQL and others do differently is here."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from tenacity import (
    retry,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random,
)

from filmkin.errors import StoreError, StoreUnavailableError
from store.location import DEFAULT

T = TypeVar("T")

WAIT_SECONDS = 10  # for a connection, and for whoever else writes in a SQLite file

# Any number that no other program locks in the same PostgreSQL database.
_LOCK = 0x66696C6D

_CONNECT: Mapping[str, dict[str, Any]] = {
    "sqlite": {"timeout": WAIT_SECONDS},
    # A host that falls silent is lost: without these, it would be waited for by the hour.
    "postgresql": {
        "connect_timeout": WAIT_SECONDS,
        "tcp_user_timeout": 1_000 * WAIT_SECONDS,  # milliseconds
        "keepalives_idle": WAIT_SECONDS,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    },
}
# What a transaction that writes begins with. SQLite's own BEGIN takes the lock of a writer at the
# first write only, where another one that came in between makes it fail without waiting.
_BEGIN_WRITING = {"sqlite": "BEGIN IMMEDIATE"}
_BEGIN_ALONE = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": f"SELECT pg_advisory_xact_lock({_LOCK})",
}
_LOCK_RATINGS = {"postgresql": "LOCK TABLE ratings IN EXCLUSIVE MODE"}

# SQLSTATE, or what it begins with.
_MET_ANOTHER = "40"  # the transaction met another one and was undone; the same again can succeed
_READ_ONLY = "25006"  # the database lets nobody write, as one that stands by


def open_engine(text: str, statement_seconds: int | None = None) -> Engine:
    """An engine for an URL; nothing is connected yet. Raises StoreError for what is no URL.

    `statement_seconds` is how long one statement may take, and half of it how long it may wait for
    a lock: for ever where it is None. An URL's own options come first; SQLite has no such limit.
    """
    try:
        url = make_url(text)
        if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
            raise StoreError(f"{shown(url)}: ratings in memory would be lost with the process.")
        engine = create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=WAIT_SECONDS,
            connect_args=_connect_arguments(url, statement_seconds),
            hide_parameters=True,  # what people write stands in no message and no log
        )
    except (ArgumentError, ValueError):  # its message can show a password, or a part of it
        raise StoreError(f"The store's URL is not of SQLAlchemy's form, as {DEFAULT}.") from None
    except ImportError as error:
        raise StoreError(f"{shown(url)}: its driver is not installed ({error}).") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_sqlite_up)
    return engine


def _connect_arguments(url: URL, statement_seconds: int | None) -> dict[str, Any]:
    kind = url.get_backend_name()
    arguments = dict(_CONNECT.get(kind, {}))
    if kind == "postgresql" and statement_seconds is not None:
        milliseconds = 1_000 * statement_seconds
        # Half of it for a lock: else it would be the statement that is said to have taken too long.
        limits = (f"-c lock_timeout={milliseconds // 2}", f"-c statement_timeout={milliseconds}")
        arguments["options"] = " ".join([*limits, *url.normalized_query.get("options", ())])
    return arguments


def _set_sqlite_up(connection: sqlite3.Connection, _record: object) -> None:
    """FULL: a commit is on the disk, not just with the system, when it returns."""
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")


def _is_busy(error: BaseException) -> bool:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY


@retry(
    retry=retry_if_exception(_is_busy),
    wait=wait_random(0, 0.05),
    stop=stop_after_delay(WAIT_SECONDS),
    reraise=True,
)
def _use_wal(connection: sqlite3.Connection) -> None:
    """Two that do this to a new file at once do not wait for each other: SQLite refuses one."""
    connection.execute("PRAGMA journal_mode = WAL")


def shown(url: URL) -> str:
    """An URL as it may be shown."""
    return url.render_as_string(hide_password=True)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed when the block ends, undone when it raises."""
    with engine.begin() as connection:
        _say(connection, _BEGIN_WRITING)
        yield connection


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other `alone` runs beside, in whatever process."""
    with engine.begin() as connection:
        _say(connection, _BEGIN_ALONE)
        yield connection


def keep_writers_out(connection: Connection) -> None:
    """No one else writes ratings until the transaction ends; reading goes on."""
    _say(connection, _LOCK_RATINGS)


def _say(connection: Connection, statements: Mapping[str, str]) -> None:
    if statement := statements.get(connection.dialect.name):
        connection.exec_driver_sql(statement)


@contextmanager
def clear_errors(engine: Engine) -> Iterator[None]:
    """What a database complains of, as a StoreError of one line.

    The chain of errors ends there: PostgreSQL puts the row that it refuses into its own.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise _as_store_error(engine, error) from None


def _as_store_error(engine: Engine, error: SQLAlchemyError) -> StoreError:
    message = f"{shown(engine.url)}: {_problem(error)}"
    is_down = isinstance(error, OperationalError | PoolTimeoutError)
    if is_down or is_lost(error) or _sqlstate(error) == _READ_ONLY:
        return StoreUnavailableError(message)
    return StoreError(message)


def twice(do: Callable[[], T], when: Callable[[BaseException], bool]) -> T:
    """What it answers; where it fails so, what it answers when it is asked once more."""
    again = retry(retry=retry_if_exception(when), stop=stop_after_attempt(2), reraise=True)
    return again(do)()


def is_lost(error: BaseException) -> bool:
    """Whether it is the connection that ended, and not the statement that was wrong."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def met_another(error: BaseException) -> bool:
    """Whether a transaction was undone for another one: a deadlock, or what it could not see."""
    return _sqlstate(error).startswith(_MET_ANOTHER)


def _sqlstate(error: BaseException) -> str:
    """What PostgreSQL and others number an error by; empty where they do not."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def _problem(error: SQLAlchemyError) -> str:
    """The first line of what the database says, without the values that it shows below."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return said.splitlines()[0] if said else type(error).__name__
