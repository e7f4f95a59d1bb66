"""The ratings store: what people think of films, in SQLite or any other database.

A person has one rating of a film: the last one that was committed. Its time is the latest of those
that were given for it, so that a clock that is set back, or runs behind on another host, neither
loses a rating nor takes its time back.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, islice
from typing import TypeVar

from sqlalchemy import Connection, Select, delete, exists, func, insert, inspect, select

from filmkin.errors import StoreError, StoreUnavailableError
from store.allowance import allowed
from store.database import (
    alone,
    clear_errors,
    is_lost,
    keep_writers_out,
    met_another,
    open_engine,
    shown,
    twice,
    writing,
)
from store.location import sqlite_file
from store.opened_file import OpenedFile
from store.schema import METADATA, RATINGS, STORE_VERSION, VERSION
from store.upsert import Row, upsert
from store.values import (
    Forget,
    Operation,
    Put,
    Rating,
    Write,
    check_user,
    last_of_each,
    microseconds,
    moment,
)

__all__ = ["Rating", "RatingStore", "Write"]

T = TypeVar("T")

_ROWS = 2_000  # read or written at a time, so that memory is bounded


class RatingStore:
    """Ratings in a database. For any number of threads, processes and, but for SQLite, hosts.

    Every method raises StoreError for what it is asked wrongly, and StoreUnavailableError when the
    database cannot answer; what returns is on the disk.
    """

    def __init__(
        self, url: str, *, make: bool = True, statement_seconds: int | None = None
    ) -> None:
        """Opens the store of an URL of SQLAlchemy's form, and makes it where there is none.

        With `make` false, StoreError where there is none; always for one of a newer version. For
        whom somebody waits, `statement_seconds` bounds what one statement may take.
        """
        self._engine = open_engine(url, statement_seconds)
        try:
            with clear_errors(self._engine):
                self._file = self._open(make)
        except StoreError:
            self.close()
            raise

    def put(self, writes: Sequence[Write]) -> None:
        """Stores all of them or, when it raises, none; of a person's film, the last one counts.

        Raises TooManyRatingsError where a person would come to have rated more than one may.
        """
        self.commit([Put(writes)])

    def forget(self, user_id: str, film_id: int | None = None) -> int:
        """Forgets a person's rating of a film, or all of them; returns how many."""
        (count,) = self.commit([Forget(user_id, film_id)])
        return count

    def commit(self, operations: Sequence[Operation]) -> list[int]:
        """Does all of them in one transaction, in their order; returns what each one forgot."""
        for operation in operations:
            operation.check()

        def attempt() -> list[int]:
            with self._writing() as connection:
                return [
                    count
                    for kind, run in groupby(operations, type)
                    for count in _do(connection, kind, list(run))
                ]

        with clear_errors(self._engine):
            return twice(attempt, met_another)

    def of(self, user_id: str) -> list[Rating]:
        """A person's ratings, the newest first, of one time by film_id."""
        check_user(user_id)
        columns = RATINGS.c
        asked = (
            select(columns.film_id, columns.rating, columns.rated_at)
            .where(columns.user_id == user_id)
            .order_by(columns.rated_at.desc(), columns.film_id)
        )
        rows = self._read(lambda connection: connection.execute(asked).all())
        return [Rating(film_id, rating, moment(at)) for film_id, rating, at in rows]

    def every(self) -> Iterator[Write]:
        """All ratings by user_id (its code points) and film_id, as they are at one moment.

        They are streamed: others may write meanwhile, which is not seen.
        """
        asked = _all_ratings()
        with clear_errors(self._engine), self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=_ROWS).execute(asked):
                yield Write(row.user_id, row.film_id, row.rating, moment(row.rated_at))

    def fill(self, writes: Iterable[Write], *, replace: bool = False) -> int:
        """Makes these ratings, and no others, the store's; returns how many.

        One transaction: when `writes` raises, or holds a rating twice, everything is as before.
        Raises StoreError where there are ratings already, unless they are to be replaced.
        """
        writes = iter(writes)
        count = 0
        with clear_errors(self._engine), self._writing() as connection:
            keep_writers_out(connection)
            if not replace and connection.scalar(select(exists(_all_ratings()))):
                raise StoreError(f"{shown(self._engine.url)}: there are ratings already.")
            connection.execute(delete(RATINGS))
            while some := list(islice(writes, _ROWS)):
                Put(some).check()
                connection.execute(insert(RATINGS), [_row(write) for write in some])
                count += len(some)
        return count

    def is_usable(self) -> bool:
        """Whether it can be read now, and what is written stays."""
        if self.has_moved():
            return False
        try:
            with clear_errors(self._engine):
                return self._read(_version) == VERSION
        except StoreError:
            return False

    def has_moved(self) -> bool:
        """Whether its file was deleted or replaced since it was opened: it can only be closed."""
        return self._file is not None and self._file.has_moved()

    def close(self) -> None:
        """Closes its connections."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction; once it has ended well, what it wrote is in the file of the store's name.

        Raises StoreUnavailableError where another one has the name, or none.
        """
        self._check_place()
        with writing(self._engine) as connection:
            yield connection
        self._check_place()

    def _check_place(self) -> None:
        if self.has_moved():
            told = "its file was deleted or replaced while it was open."
            raise StoreUnavailableError(f"{shown(self._engine.url)}: {told}")

    def _read(self, ask: Callable[[Connection], T]) -> T:
        """An answer; asked once more when the connection is lost in between."""

        def attempt() -> T:
            with self._engine.connect() as connection:
                return ask(connection)

        with clear_errors(self._engine):
            return twice(attempt, is_lost)

    def _open(self, make: bool) -> OpenedFile | None:
        """Makes what is to be made; returns the file, where it is one."""
        name = shown(self._engine.url)
        file = sqlite_file(self._engine.url)
        if not make and file and not file.exists():  # SQLite would make it
            raise StoreError(f"{name}: there is no such store.")
        version = self._read(_version)
        if version is None:
            if not make:
                raise StoreError(f"{name}: this database holds no ratings store.")
            with alone(self._engine) as connection:
                version = _version(connection) or _make(connection, name)
        if version != VERSION:
            raise StoreError(
                f"{name}: it is a store of version {version}, and this program knows {VERSION}."
            )
        return OpenedFile.at(file) if file else None


def _do(connection: Connection, kind: type[Operation], run: Sequence[Operation]) -> list[int]:
    """Operations of one kind that follow each other: ratings are stored together."""
    if kind is Put:
        writes = [write for put in run if isinstance(put, Put) for write in put.writes]
        rows = [_row(write) for write in last_of_each(writes)]
        with allowed(connection, rows):
            upsert(connection, rows)
        return [0] * len(run)
    return [_forget(connection, one) for one in run if isinstance(one, Forget)]


def _forget(connection: Connection, forget: Forget) -> int:
    statement = delete(RATINGS).where(RATINGS.c.user_id == forget.user_id)
    if forget.film_id is not None:
        statement = statement.where(RATINGS.c.film_id == forget.film_id)
    return connection.execute(statement).rowcount


def _row(write: Write) -> Row:
    return {
        "user_id": write.user_id,
        "film_id": write.film_id,
        "rating": float(write.rating),
        "rated_at": microseconds(write.rated_at),
    }


def _all_ratings() -> Select[str, int, float, int]:
    columns = RATINGS.c
    return select(columns.user_id, columns.film_id, columns.rating, columns.rated_at).order_by(
        columns.user_id, columns.film_id
    )


def _version(connection: Connection) -> int | None:
    """Of the store that is there, or None."""
    if not inspect(connection).has_table(STORE_VERSION.name):
        return None
    version: int | None = connection.scalar(select(func.max(STORE_VERSION.c.version)))
    return version


def _make(connection: Connection, name: str) -> int:
    if inspect(connection).has_table(RATINGS.name):
        raise StoreError(f"{name}: its table {RATINGS.name} belongs to something else.")
    METADATA.create_all(connection)
    connection.execute(insert(STORE_VERSION), {"version": VERSION})
    return VERSION
