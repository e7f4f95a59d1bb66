"""Stores rows whether or not there are some of their keys; the statement that each database has."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, bindparam, case, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from store.schema import RATINGS

Row: TypeAlias = dict[str, Any]

_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def upsert(connection: Connection, rows: Sequence[Row]) -> None:
    """Store the rows, in the place of those that have their keys. `rated_at` never goes back."""
    if not rows:
        return
    if kind := _INSERT.get(connection.dialect.name):
        connection.execute(_insert_or_update(kind), rows)
    else:
        for row in rows:
            _update_else_insert(connection, row)


def _insert_or_update(kind: Any) -> Any:
    statement = kind(RATINGS)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=list(RATINGS.primary_key),
        set_={"rating": new.rating, "rated_at": _later(new.rated_at)},
    )


def _update_else_insert(connection: Connection, row: Row) -> None:
    """In the SQL that every database has."""
    statement = (
        update(RATINGS)
        .where(RATINGS.c.user_id == row["user_id"], RATINGS.c.film_id == row["film_id"])
        .values(rating=row["rating"], rated_at=_later(bindparam("now", row["rated_at"])))
    )
    if connection.execute(statement).rowcount == 0:
        connection.execute(insert(RATINGS), row)


def _later(new: ColumnElement[int]) -> ColumnElement[int]:
    """The later of the time that is stored and a new one."""
    return case((new > RATINGS.c.rated_at, new), else_=RATINGS.c.rated_at)
