"""The films similar to one: from the stored pairs where they hold all, else from the vectors."""

from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, text

from api.db import films
from api.db.connection import Reader
from api.db.vectors import shared_tokens, vector
from filmkin.neighbours import Neighbours


class SimilarFilms(NamedTuple):
    """A page of similar films, most similar first, then by film_id; `total` of all pages."""

    rows: list[dict[str, Any]]
    total: int


def similar(
    reader: Reader, film_id: int, threshold: float, offset: int, limit: int, *, explain: bool
) -> SimilarFilms:
    """The films at or above the threshold: `limit` after `offset`, and how many there are.

    With `explain`, each with the tokens that it shares. Raises UnknownFilmError.
    """
    films.check_id(film_id)
    page = _neighbours(reader, film_id, threshold, offset, limit)
    if not page.total:
        films.film(reader.connection, film_id)  # unknown, or just without any that is similar
    other_ids = page.film_ids.tolist()
    if not other_ids:
        return SimilarFilms([], page.total)
    found = films.by_id(reader.connection, other_ids)
    rows = [
        {**found[other_id], "similarity": similarity}
        for other_id, similarity in zip(other_ids, page.similarities.tolist(), strict=True)
    ]
    if explain:
        shared = shared_tokens(reader.connection, film_id, other_ids)
        rows = [row | {"shared": shared[row["film_id"]]} for row in rows]
    return SimilarFilms(rows, page.total)


def _neighbours(
    reader: Reader, film_id: int, threshold: float, offset: int, limit: int
) -> Neighbours:
    total = _stored_total(reader.connection, film_id, threshold)
    if total is not None:
        return _stored_page(reader.connection, film_id, threshold, offset, limit, total)
    mine = vector(reader.connection, film_id)
    return reader.vectors.neighbours(film_id, *mine, threshold, offset, limit)


def _stored_total(connection: Connection, film_id: int, threshold: float) -> int | None:
    """How many films are at or above the threshold; None when not all of them are stored.

    Pairs are stored from the build's floor up. Where it caps them, of a film whose pairs reach the
    cap those as similar as the last one may be missing, and all below it.
    """
    sql = """
        SELECT :threshold >= min_similarity
               AND (max_similar IS NULL OR pairs < max_similar OR :threshold > lowest) AS complete,
               total
        FROM build, (
            SELECT count(*) AS pairs, min(similarity) AS lowest,
                   count(*) FILTER (similarity >= :threshold) AS total
            FROM films_cos_sim WHERE film_id = :film_id
        )
    """
    row = connection.execute(text(sql), {"film_id": film_id, "threshold": threshold}).one()
    return row.total if row.complete else None


def _stored_page(
    connection: Connection, film_id: int, threshold: float, offset: int, limit: int, total: int
) -> Neighbours:
    sql = """
        SELECT other_id, similarity FROM films_cos_sim
        WHERE film_id = :film_id AND similarity >= :threshold
        ORDER BY similarity DESC, other_id LIMIT :row_limit OFFSET :row_offset
    """
    parameters = {
        "film_id": film_id,
        "threshold": threshold,
        "row_limit": limit,
        "row_offset": offset,
    }
    rows = connection.execute(text(sql), parameters).all()
    return Neighbours(
        np.array([row.other_id for row in rows], dtype=np.int32),
        np.array([row.similarity for row in rows], dtype=np.float64),
        total,
    )
