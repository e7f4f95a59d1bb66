"""What a person rated, be it in the store or, for MovieLens' people, in the build."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.db.build import Build
from api.db.connection import Connection
from api.db.index import SearchIndex
from api.db.rated_films import movielens_ratings, titles
from api.identity import MOVIELENS
from api.models.user import RatedFilm
from api.models.values import MAX_INTEGER, plain_integer
from api.ratings import Ratings
from api.sending import JSON
from filmkin.errors import UnknownUserError
from filmkin.lists import rows_in
from filmkin.offers import Rated
from store.ratings import Rating

_AT_A_TIME = 1_000  # films; a millisecond or two
_FILMS = TypeAdapter(list[RatedFilm])


async def ratings_of(request: Request, build: Build, user_id: str) -> Sequence[Rating]:
    """The newest first. Raises UnknownUserError for a MovieLens person that there is not."""
    if not user_id.startswith(MOVIELENS):
        ratings: Ratings = request.app.state.ratings
        return await ratings.of(user_id)
    number = plain_integer(user_id.removeprefix(MOVIELENS))
    if isinstance(number, int) and 0 <= number <= MAX_INTEGER:
        found = await build.connections.ask(movielens_ratings, number)
        if found:
            return found
    raise UnknownUserError(user_id)


def as_rated(ratings: Sequence[Rating]) -> Rated:
    """The same as arrays; of one moment, the film with the larger number counts as the later, as
    where it was learnt.
    """
    newest = sorted(ratings, key=lambda one: (one.rated_at, one.film_id), reverse=True)
    return Rated(
        np.array([one.film_id for one in newest], dtype=np.int32),
        np.array([one.rating for one in newest], dtype=np.float64),
    )


def rated_list(ratings: Sequence[Rating], titles: Mapping[int, str | None]) -> Response:
    """A list of RatedFilm. A long one is made some at a time, in a thread: else whoever asks
    meanwhile would wait until all of it is JSON, and compressed.
    """
    pieces = _pieces(ratings, titles)
    if len(ratings) > _AT_A_TIME:
        return StreamingResponse(pieces, media_type=JSON)
    return Response(b"".join(pieces), media_type=JSON)


def _pieces(ratings: Sequence[Rating], titles: Mapping[int, str | None]) -> Iterator[bytes]:
    yield b"["
    for start in range(0, len(ratings), _AT_A_TIME):
        films = [
            RatedFilm(
                film_id=one.film_id,
                title=titles[one.film_id],
                rating=one.rating,
                rated_at=one.rated_at,
            )
            for one in ratings[start : start + _AT_A_TIME]
        ]
        yield (b"," if start else b"") + _FILMS.dump_json(films)[1:-1]
    yield b"]"


async def titles_of(build: Build, film_ids: Iterable[int]) -> Mapping[int, str | None]:
    """The titles of films, of those that were rated and are not in the catalogue too."""
    ids = np.fromiter(film_ids, dtype=np.int32)
    rows = rows_in(build.index.film_ids, ids)
    if len(ids) <= _AT_A_TIME and (rows >= 0).all():
        return _titles(None, build.index, ids, rows)
    return await build.connections.ask(_titles, build.index, ids, rows)


def _titles(
    connection: Connection | None,
    index: SearchIndex,
    film_ids: NDArray[np.int32],
    rows: NDArray[np.intp],
) -> Mapping[int, str | None]:
    """`rows` of the index; -1 for those that the connection is asked about."""
    is_there = rows >= 0
    missing = film_ids[~is_there].tolist()
    found = zip(film_ids[is_there].tolist(), rows[is_there].tolist(), strict=True)
    named = {film_id: index.titles[row] for film_id, row in found}
    more = titles(connection, missing) if connection and missing else {}
    return {**dict.fromkeys(missing), **named, **more}
