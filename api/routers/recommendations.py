"""What a person would perhaps like: the best films, the newest, and what they would give one."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.db.build import Build
from api.db.search import choose
from api.models.user import OfferedFilm, OfferQuery, PredictedFilm, RatedReason
from api.models.values import MAX_FILMS, PathFilmId, PathUserId, QueryCount, QueryLimit
from api.openapi import OF_A_PERSON, private, unknown
from api.rated import as_rated, ratings_of, titles_of
from api.route import CurrentBuild, limited
from api.sending import JSON, offer_list, offered
from api.user_route import SECURITY, UserBuildRoute
from filmkin.errors import UnknownFilmError
from filmkin.offers import MIN_RATINGS, Offer, PersonalOffers, Rated
from filmkin.selection import Mask
from store.ratings import Rating

router = APIRouter(
    route_class=UserBuildRoute, tags=["ratings"], responses=OF_A_PERSON, dependencies=SECURITY
)

UserId = Annotated[PathUserId, Path(description="of a person, or ml-1 of MovieLens' person 1")]
HowMany = Annotated[QueryLimit, Path(description=f"films at most, 1 to {MAX_FILMS}")]


@router.get(
    "/user/{user_id}/ratings/top/{count}",
    operation_id="get_top_films",
    response_model=list[OfferedFilm],
    responses=private() | unknown("MovieLens person"),
)
@limited("user")
async def top(
    request: Request,
    build: CurrentBuild,
    user_id: UserId,
    count: HowMany,
    asked: Annotated[OfferQuery, Query()],
) -> Response:
    """The films that a person has not rated and would perhaps like most, each with the reason."""

    def best(personal: PersonalOffers, chosen: Mask) -> list[Offer]:
        return personal.top(chosen, count, asked.min_ratings)

    return await _list(request, build, user_id, asked, best)


@router.get(
    "/user/{user_id}/ratings/recent/{count}",
    operation_id="get_recent_films",
    response_model=list[OfferedFilm],
    responses=private() | unknown("MovieLens person"),
)
@limited("user")
async def recent(
    request: Request,
    build: CurrentBuild,
    user_id: UserId,
    count: HowMany,
    asked: Annotated[OfferQuery, Query()],
) -> Response:
    """The same, of the newest years that hold a hundred films, or as many as are asked for."""
    years = build.index.numbers["year"]

    def newest(personal: PersonalOffers, chosen: Mask) -> list[Offer]:
        return personal.recent(years, chosen, count, asked.min_ratings)

    return await _list(request, build, user_id, asked, newest)


async def _list(
    request: Request,
    build: Build,
    user_id: str,
    asked: OfferQuery,
    offer: Callable[[PersonalOffers, Mask], list[Offer]],
) -> Response:
    ratings = await ratings_of(request, build, user_id)
    chosen = await choose(build, asked)
    offers = await build.connections.ask(
        lambda _: offer(build.offers.of(as_rated(ratings)), chosen)
    )
    film_ids = [one.film_id for one in offers]
    documents = await build.documents(film_ids) if film_ids else {}
    reasons = await _reasons(build, offers, ratings)
    return Response(offer_list(offers, documents, reasons), media_type=JSON)


@router.get(
    "/user/{user_id}/ratings/{film_id}",
    operation_id="get_rating",
    responses=private() | unknown("film or MovieLens person"),
)
@limited("user")
async def one(
    request: Request,
    build: CurrentBuild,
    user_id: UserId,
    film_id: Annotated[PathFilmId, Path(description="IMDb's tconst or its digits")],
    min_ratings: Annotated[
        QueryCount, Query(description="ratings that the film needs for one to be predicted")
    ] = MIN_RATINGS,
) -> PredictedFilm:
    """What a person gave a film, and what they would perhaps have given it, by all their other
    ratings.
    """
    if not (build.index.has(film_id) or build.rated_films.has(film_id)):
        raise UnknownFilmError(film_id)
    ratings = await ratings_of(request, build, user_id)

    def offered_to(person: Rated) -> Offer:
        return build.offers.of(person.without(film_id)).one(film_id, min_ratings)

    offer = await build.connections.ask(lambda _: offered_to(as_rated(ratings)))
    own = next((one.rating for one in ratings if one.film_id == film_id), None)
    titles = await titles_of(build, [film_id])
    more = offered(offer, await _reasons(build, [offer], ratings))
    return PredictedFilm(film_id=film_id, title=titles[film_id], rating=own, **more)


async def _reasons(
    build: Build, offers: list[Offer], ratings: Sequence[Rating]
) -> dict[int, RatedReason]:
    """The films that are named as reasons, as the person rated them."""
    named = {reason.film_id for offer in offers for reason in offer.because}
    titles = await titles_of(build, named)
    return {
        one.film_id: RatedReason(film_id=one.film_id, title=titles[one.film_id], rating=one.rating)
        for one in ratings
        if one.film_id in named
    }
