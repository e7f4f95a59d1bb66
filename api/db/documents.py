"""Rows by their key, many at once: these two are behind most requests."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from api.db.connection import Connection, columns, memory_told

#: other_ids (k,) int32 and their similarities (k,) float64, most similar first
Neighbours = tuple[NDArray[np.int32], NDArray[np.float64]]
NO_NEIGHBOURS: Neighbours = (np.empty(0, np.int32), np.empty(0, np.float64))


def documents(connection: Connection, film_ids: Sequence[int]) -> Mapping[int, str]:
    """The JSON of each of the films that there is. Raises UnavailableError without memory."""
    sql = f"SELECT film_id, document FROM film_documents WHERE film_id IN ({_numbers(film_ids)})"
    with memory_told():
        return dict(connection.execute(sql).fetchall())


def neighbours(connection: Connection, film_ids: Sequence[int]) -> Mapping[int, Neighbours]:
    """The stored neighbours of each film that has any. Raises as `documents` does."""
    sql = (
        "SELECT film_id, other_ids, similarities FROM neighbours"
        f" WHERE film_id IN ({_numbers(film_ids)})"
    )
    with memory_told():
        found = columns(connection, sql)
    lists = zip(found["other_ids"], found["similarities"], strict=True)
    return dict(zip(found["film_id"].tolist(), lists, strict=True))


def nearest(connection: Connection, film_ids: NDArray[np.int32]) -> NDArray[np.float64]:
    """(n,) the largest stored similarity of each of the films, which ascend; 0 where none is."""
    found = columns(connection, "SELECT film_id, nearest FROM neighbours")
    similarities = np.zeros(len(film_ids))
    similarities[np.searchsorted(film_ids, found["film_id"])] = found["nearest"]
    return similarities


def _numbers(film_ids: Sequence[int]) -> str:
    """Integers as SQL: as parameters they would be cast one by one, and the index not be used."""
    return ", ".join(str(int(film_id)) for film_id in film_ids)
