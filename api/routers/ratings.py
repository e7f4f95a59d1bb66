"""What people rate: stored, and listed."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response

from api.db.build import Build
from api.metrics import Metrics
from api.models.user import NewRating, NewRatings, RatedFilm, StoredRatings
from api.models.values import PathUserId
from api.openapi import NO_FORM, OF_A_PERSON, WITH_BODY, private, unknown
from api.rated import rated_list, ratings_of, titles_of
from api.ratings import Ratings
from api.route import CurrentBuild, limited
from api.user_route import SECURITY, UserBuildRoute
from filmkin.errors import InvalidQueryError, TooManyRatingsError
from store.ratings import Write

router = APIRouter(
    route_class=UserBuildRoute, tags=["ratings"], responses=OF_A_PERSON, dependencies=SECURITY
)

UserId = Annotated[PathUserId, Path(description="of a person")]


@router.post(
    "/user/{user_id}/ratings",
    operation_id="rate_films",
    responses=private() | WITH_BODY | NO_FORM,
)
@limited("rate")
async def rate(
    request: Request,
    build: CurrentBuild,
    user_id: UserId,
    given: Annotated[NewRatings, Body(description="of several ratings of a film the last counts")],
) -> StoredRatings:
    """Stores what a person thinks of films: all of it, or nothing. What is answered is stored."""
    now = datetime.now(UTC)
    film_ids = [_film_id(build, place, one) for place, one in enumerate(given)]
    pairs = zip(film_ids, given, strict=True)
    writes = [Write(user_id, film_id, one.rating, now) for film_id, one in pairs]
    ratings: Ratings = request.app.state.ratings
    metrics: Metrics = request.app.state.metrics
    try:
        await ratings.put(writes)
    except TooManyRatingsError as error:
        raise InvalidQueryError("body", str(error)) from None
    stored = len(set(film_ids))
    metrics.stored(stored)
    return StoredRatings(stored=stored)


def _film_id(build: Build, place: int, given: NewRating) -> int:
    """Which film is rated. Raises InvalidQueryError for one that is neither in the catalogue nor
    among the films that others have rated.
    """
    if given.film_id is not None:
        if build.index.has(given.film_id) or build.rated_films.has(given.film_id):
            return given.film_id
        raise InvalidQueryError(f"{place}.film_id", f"There is no film {given.film_id}.")
    assert given.movie_id is not None
    film_id = build.rated_films.film_of(given.movie_id)
    if film_id is None:
        told = f"There is no film of MovieLens' number {given.movie_id}."
        raise InvalidQueryError(f"{place}.movie_id", told)
    return film_id


@router.get(
    "/user/{user_id}/ratings",
    operation_id="get_ratings",
    response_model=list[RatedFilm],
    responses=private() | unknown("MovieLens person"),
)
@limited("user")
async def rated(request: Request, build: CurrentBuild, user_id: UserId) -> Response:
    """All that a person rated, the newest first."""
    ratings = await ratings_of(request, build, user_id)
    titles = await titles_of(build, (one.film_id for one in ratings))
    return rated_list(ratings, titles)
