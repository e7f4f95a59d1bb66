"""All questions about films: one function, one statement, rows out."""

from collections.abc import Sequence
from typing import Any

import duckdb
from sqlalchemy import Connection, RowMapping, bindparam, text
from sqlalchemy.exc import DBAPIError

from api.db.filters import patterns, where
from api.models import MAX_INTEGER, SearchCriteria
from filmkin.catalogue import FILMS
from filmkin.errors import InvalidPatternError, UnknownFilmError

_COLUMNS = ", ".join(FILMS.column_names)


def search(connection: Connection, criteria: SearchCriteria, limit: int) -> Sequence[RowMapping]:
    """Films that meet the criteria, by title, then film_id. Raises InvalidPatternError."""
    condition, parameters = where(criteria)
    sql = (
        f"SELECT {_COLUMNS} FROM films WHERE {condition}"
        " ORDER BY title NULLS LAST, film_id LIMIT :row_limit"
    )
    try:
        return _rows(connection, sql, **parameters, row_limit=limit)
    except DBAPIError:
        connection.rollback()
        for field, pattern in patterns(criteria).items():
            _check_pattern(connection, field, pattern)
        raise


def check_id(film_id: int) -> None:
    """Raise UnknownFilmError for more than its column, or from 128 bits on the driver, holds."""
    if film_id > MAX_INTEGER:
        raise UnknownFilmError(film_id)


def film(connection: Connection, film_id: int) -> RowMapping:
    """One film. Raises UnknownFilmError."""
    check_id(film_id)
    rows = _rows(
        connection, f"SELECT {_COLUMNS} FROM films WHERE film_id = :film_id", film_id=film_id
    )
    if not rows:
        raise UnknownFilmError(film_id)
    return rows[0]


_BY_ID = text(f"SELECT {_COLUMNS} FROM films WHERE film_id IN :film_ids").bindparams(
    bindparam("film_ids", expanding=True)
)


def by_id(connection: Connection, film_ids: Sequence[int]) -> dict[int, RowMapping]:
    """Those of the films that there are, by their film_id."""
    rows = connection.execute(_BY_ID, {"film_ids": film_ids}).mappings()
    return {row["film_id"]: row for row in rows}


def _check_pattern(connection: Connection, field: str, pattern: str) -> None:
    """Raise InvalidPatternError with the reason when RE2 does not accept the pattern."""
    try:
        _rows(connection, "SELECT regexp_matches('', :pattern, 'i')", pattern=pattern)
    except DBAPIError as error:
        connection.rollback()
        if isinstance(error.orig, duckdb.InvalidInputException):
            reason = str(error.orig).removeprefix("Invalid Input Error: ")
            raise InvalidPatternError(field, f"not a regular expression: {reason}") from error
        raise


def _rows(connection: Connection, sql: str, **parameters: Any) -> Sequence[RowMapping]:
    return connection.execute(text(sql), parameters).mappings().all()
