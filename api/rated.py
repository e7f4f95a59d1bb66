"""What a person rated, be it in the store or, for MovieLens' people, in the build."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from starlette.requests import Request

from api.db.build import Build
from api.db.rated_films import movielens_ratings, titles
from api.identity import MOVIELENS
from api.models.values import MAX_INTEGER, plain_integer
from api.ratings import Ratings
from filmkin.errors import UnknownUserError
from filmkin.offers import Rated
from store.ratings import Rating


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


async def titles_of(build: Build, film_ids: Iterable[int]) -> Mapping[int, str | None]:
    """The titles of films, of those that were rated and are not in the catalogue too."""
    index = build.index
    named = {film_id: index.row_of(film_id) for film_id in film_ids}
    found = {film_id: index.titles[row] for film_id, row in named.items() if index.has(film_id)}
    missing = sorted(named.keys() - found.keys())
    more = await build.connections.ask(titles, missing) if missing else {}
    return {**dict.fromkeys(missing), **found, **more}
