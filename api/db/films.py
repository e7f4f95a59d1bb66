"""All questions about films: one function, one statement, rows out."""

from collections.abc import Sequence
from typing import Any

import duckdb
from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.exc import DBAPIError

from api.db.filters import patterns, where
from api.models import MAX_INTEGER, SearchCriteria
from filmkin.catalogue import FILMS
from filmkin.errors import InvalidPatternError, UnknownFilmError
from filmkin.similarity import DECIMALS

_COLUMNS = ", ".join(f"films.{name}" for name in FILMS.column_names)


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


def film(connection: Connection, film_id: int) -> RowMapping:
    """One film. Raises UnknownFilmError."""
    if film_id > MAX_INTEGER:  # more than its column, and from 128 bits on the driver, can hold
        raise UnknownFilmError(film_id)
    rows = _rows(
        connection, f"SELECT {_COLUMNS} FROM films WHERE film_id = :film_id", film_id=film_id
    )
    if not rows:
        raise UnknownFilmError(film_id)
    return rows[0]


def similar(
    connection: Connection, film_id: int, threshold: float, limit: int
) -> Sequence[RowMapping]:
    """Films at or above the threshold, most similar first, then by film_id.

    All pairs from the stored floor up are stored; below it the answer is computed from the
    vectors, unless the stored pairs fill it. Raises UnknownFilmError.
    """
    if film_id > MAX_INTEGER:
        raise UnknownFilmError(film_id)
    rows = _stored_similar(connection, film_id, threshold, limit)
    if len(rows) < limit and threshold < stored_floor(connection):
        rows = _computed_similar(connection, film_id, threshold, limit)
    if not rows:
        film(connection, film_id)  # unknown, or just without any that similar
    return rows


def stored_floor(connection: Connection) -> float:
    """The similarity from which on all pairs are stored."""
    return float(connection.execute(text("SELECT min_similarity FROM build")).scalar_one())


def _stored_similar(
    connection: Connection, film_id: int, threshold: float, limit: int
) -> Sequence[RowMapping]:
    return _rows(
        connection,
        f"SELECT {_COLUMNS}, pair.similarity FROM films_cos_sim AS pair"
        " JOIN films ON films.film_id = pair.other_id"
        " WHERE pair.film_id = :film_id AND pair.similarity >= :threshold"
        " ORDER BY pair.similarity DESC, pair.other_id LIMIT :row_limit",
        film_id=film_id,
        threshold=threshold,
        row_limit=limit,
    )


def _computed_similar(
    connection: Connection, film_id: int, threshold: float, limit: int
) -> Sequence[RowMapping]:
    # Summed in the order of tokens and rounded as `filmkin.similarity` does it.
    return _rows(
        connection,
        f"""
        WITH pair AS (
            SELECT theirs.film_id AS other_id,
                   least(round(sum(mine.weight * theirs.weight ORDER BY mine.token_id),
                               {DECIMALS}), 1.0) AS similarity
            FROM film_features AS mine
            JOIN film_features AS theirs USING (token_id)
            WHERE mine.film_id = :film_id AND theirs.film_id <> :film_id
            GROUP BY theirs.film_id
        )
        SELECT {_COLUMNS}, pair.similarity FROM pair
        JOIN films ON films.film_id = pair.other_id
        WHERE pair.similarity >= :threshold AND pair.similarity > 0
        ORDER BY pair.similarity DESC, pair.other_id LIMIT :row_limit
        """,
        film_id=film_id,
        threshold=threshold,
        row_limit=limit,
    )


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
