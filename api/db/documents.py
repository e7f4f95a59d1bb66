"""Rows by their key, many at once: these two are behind most requests."""

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray

from api.db.connection import NO_MEMORY, Connection
from filmkin.errors import UnavailableError

#: other_ids (k,) int32 and their similarities (k,) float64, most similar first
Neighbours = tuple[NDArray[np.int32], NDArray[np.float64]]
NO_NEIGHBOURS: Neighbours = (np.empty(0, np.int32), np.empty(0, np.float64))


def documents(connection: Connection, film_ids: Sequence[int]) -> Mapping[int, str]:
    """The JSON of each of the films that there is."""
    sql = f"SELECT film_id, document FROM film_documents WHERE film_id IN ({_numbers(film_ids)})"
    return dict(_executed(connection, sql).fetchall())


def neighbours(connection: Connection, film_ids: Sequence[int]) -> Mapping[int, Neighbours]:
    """The stored neighbours of each film that has any."""
    sql = (
        "SELECT film_id, other_ids, similarities FROM neighbours"
        f" WHERE film_id IN ({_numbers(film_ids)})"
    )
    found = _executed(connection, sql).fetchnumpy()
    lists = zip(found["other_ids"], found["similarities"], strict=True)
    return dict(zip(found["film_id"].tolist(), lists, strict=True))


def _numbers(film_ids: Sequence[int]) -> str:
    """Integers as SQL: as parameters they would be cast one by one, and the index not be used."""
    return ", ".join(str(int(film_id)) for film_id in film_ids)


def _executed(connection: Connection, sql: str) -> Connection:
    """The connection with its result. Raises UnavailableError where memory is short."""
    try:
        return connection.execute(sql)
    except duckdb.OutOfMemoryException as error:
        raise UnavailableError(NO_MEMORY) from error
