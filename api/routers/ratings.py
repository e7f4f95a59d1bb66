"""What people rate: stored, and listed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path, Request

from api.db.build import Build
from api.metrics import Metrics
from api.models.user import NewRating, NewRatings, RatedFilm, StoredRatings
from api.models.values import PathUserId
from api.openapi import NO_FORM, OF_A_PERSON, WITH_BODY, private
from api.ratings import Ratings
from api.route import CurrentBuild, limited
from api.user_route import SECURITY, UserBuildRoute
from filmkin.errors import InvalidQueryError, UnknownFilmError
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
    film_ids = _known(build, given)
    writes = [
        Write(user_id, film_id, one.rating, now)
        for film_id, one in zip(film_ids, given, strict=True)
    ]
    ratings: Ratings = request.app.state.ratings
    metrics: Metrics = request.app.state.metrics
    await ratings.put(writes)
    stored = len(set(film_ids))
    metrics.stored(stored)
    return StoredRatings(stored=stored)


def _known(build: Build, given: Sequence[NewRating]) -> list[int]:
    """The film of each. Raises InvalidQueryError for one that is none."""
    for place, one in enumerate(given):
        if not build.index.has(one.film_id):
            told = str(UnknownFilmError(one.film_id))
            raise InvalidQueryError(f"{place}.film_id", told)
    return [one.film_id for one in given]


@router.get("/user/{user_id}/ratings", operation_id="get_ratings", responses=private())
@limited("user")
async def rated(request: Request, build: CurrentBuild, user_id: UserId) -> list[RatedFilm]:
    """What a person rated, the newest first."""
    ratings: Ratings = request.app.state.ratings
    index = build.index
    return [
        RatedFilm(
            film_id=one.film_id,
            title=index.titles[index.row_of(one.film_id)] if index.has(one.film_id) else None,
            rating=one.rating,
            rated_at=one.rated_at,
        )
        for one in await ratings.of(user_id)
    ]
