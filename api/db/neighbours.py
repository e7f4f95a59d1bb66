"""Stored neighbours, page by page and with their films' JSON, for many requests at once."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.db.connection import Connection, columns, memory_told
from api.db.documents import documents, integers
from filmkin.neighbours import Neighbours


class Asked(NamedTuple):
    """Of a film's neighbours at or above the threshold, `limit` after `offset`."""

    film_id: int
    threshold: float
    offset: int
    limit: int


class Stored(NamedTuple):
    """A page, most similar first, then by film_id, and the JSON of its films, by film_id."""

    page: Neighbours
    documents: Mapping[int, str]


NONE = Neighbours(np.empty(0, np.int32), np.empty(0, np.float64), 0)


def stored(
    connection: Connection, most: int | None, asked: Sequence[Asked]
) -> Mapping[Asked, Stored]:
    """What is asked for, of those of whom all of it is stored.

    Pairs are stored from the build's floor up, and `most` a film where that is given: of a film
    that has as many, those as similar as the last one may be missing, and all below it.
    Raises UnavailableError without memory.
    """
    sql = (
        "SELECT film_id, other_ids, similarities FROM neighbours"
        f" WHERE film_id IN ({integers({one.film_id for one in asked})})"
    )
    with memory_told():
        found = columns(connection, sql)
    pairs = zip(found["other_ids"], found["similarities"], strict=True)
    of_films = dict(zip(found["film_id"].tolist(), pairs, strict=True))
    pages = {}
    for one in asked:
        other_ids, similarities = of_films.get(one.film_id, NONE[:2])
        if most is None or len(other_ids) < most or one.threshold > similarities[-1]:
            total = int(np.searchsorted(-similarities, -one.threshold, side="right"))
            page = slice(one.offset, min(one.offset + one.limit, total))
            pages[one] = Neighbours(other_ids[page], similarities[page], total)
    film_ids = {film_id for page in pages.values() for film_id in page.film_ids.tolist()}
    found_films = documents(connection, film_ids) if film_ids else {}
    return {one: Stored(page, found_films) for one, page in pages.items()}


def nearest(connection: Connection, film_ids: NDArray[np.int32]) -> NDArray[np.float64]:
    """(n,) the largest stored similarity of each of the films, which ascend; 0 where none is."""
    found = columns(connection, "SELECT film_id, nearest FROM neighbours")
    similarities = np.zeros(len(film_ids))
    similarities[np.searchsorted(film_ids, found["film_id"])] = found["nearest"]
    return similarities
