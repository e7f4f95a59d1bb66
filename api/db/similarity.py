"""The films similar to one: from the stored pairs where they hold all, else from the vectors."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.db.build import Build
from api.db.connection import Connection
from api.db.neighbours import Asked
from api.db.vectors import SharedToken, shared_tokens, vector
from filmkin.errors import UnknownFilmError
from filmkin.neighbours import InvertedIndex, Neighbours


class SimilarFilms(NamedTuple):
    """A page of similar films, most similar first, then by film_id; `total` of all pages.

    `documents` holds the JSON of each, `shared` what each shares, where it was asked for.
    """

    film_ids: Sequence[int]
    similarities: Sequence[float]
    total: int
    documents: Mapping[int, str]
    shared: Mapping[int, Sequence[SharedToken]] | None


async def similar(
    build: Build, film_id: int, threshold: float, offset: int, limit: int, *, explain: bool
) -> SimilarFilms:
    """The films at or above the threshold: `limit` after `offset`, and how many there are.

    With `explain`, each with the tokens that it shares. Raises UnknownFilmError.
    """
    if not build.index.has(film_id):
        raise UnknownFilmError(film_id)
    stored = await build.neighbours(Asked(film_id, threshold, offset, limit))
    if stored is not None:
        page, documents = stored
    else:
        page = await build.connections.ask(_live, build.vectors, film_id, threshold, offset, limit)
        documents = await build.documents(page.film_ids.tolist()) if len(page.film_ids) else {}
    other_ids = page.film_ids.tolist()
    shared = None
    if explain:
        shared = await build.connections.ask(shared_tokens, film_id, other_ids)
    return SimilarFilms(other_ids, page.similarities.tolist(), page.total, documents, shared)


def _live(
    connection: Connection,
    vectors: InvertedIndex,
    film_id: int,
    threshold: float,
    offset: int,
    limit: int,
) -> Neighbours:
    mine = vector(connection, film_id)
    return vectors.neighbours(film_id, *mine, threshold, offset, limit)
