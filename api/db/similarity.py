"""The films similar to one: from the stored pairs where they hold all, else from the vectors."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from api.db.build import Build
from api.db.connection import Connection
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
    page = await _neighbours(build, film_id, threshold, offset, limit)
    other_ids = page.film_ids.tolist()
    documents = await build.documents(other_ids) if other_ids else {}
    shared = None
    if explain:
        shared = await build.connections.ask(shared_tokens, film_id, other_ids)
    return SimilarFilms(other_ids, page.similarities.tolist(), page.total, documents, shared)


async def _neighbours(
    build: Build, film_id: int, threshold: float, offset: int, limit: int
) -> Neighbours:
    """Pairs are stored from the build's floor up. Where it caps them, of a film whose pairs reach
    the cap those as similar as the last one may be missing, and all below it.
    """
    if threshold >= build.facts.min_similarity:
        other_ids, similarities = await build.neighbours(film_id, threshold)
        stored, most = len(other_ids), build.facts.max_similar
        if most is None or stored < most or threshold > similarities[-1]:
            total = int(np.searchsorted(-similarities, -threshold, side="right"))
            page = slice(offset, min(offset + limit, total))
            return Neighbours(other_ids[page], similarities[page], total)
    return await build.connections.ask(_live, build.vectors, film_id, threshold, offset, limit)


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
