"""Who rates films: their ids, and their right to be forgotten; no build is needed for either."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.identity import Identities, new_user_id
from api.metrics import Metrics
from api.models.user import Forgotten, NewUser, User
from api.models.values import PathFilmId, PathUserId
from api.openapi import NO_FORM, OF_A_PERSON, private
from api.ratings import Ratings
from api.route import limited
from api.user_route import SECURITY, UserRoute, caller_of
from filmkin.ratings import MOST_FILM_ID

router = APIRouter(route_class=UserRoute, tags=["ratings"], responses=OF_A_PERSON)

UserId = Annotated[PathUserId, Path(description="of a person")]


@router.post(
    "/user",
    operation_id="make_user",
    status_code=HTTPStatus.CREATED,
    responses={200: private()[200] | {"model": NewUser}, 201: private()[200], **NO_FORM},
)
@limited("identity")
async def make_user(request: Request, response: Response) -> NewUser:
    """An id for a new person, in a cookie as well; whose cookie is known has the same again."""
    caller = caller_of(request)
    if caller.user_id is not None:
        response.status_code = HTTPStatus.OK
    user_id = caller.user_id or new_user_id()
    if not (caller.is_program or caller.is_due):  # the route itself hands out what is due
        identities: Identities = request.app.state.identities
        identities.hand(request, response, user_id)
    return NewUser(user_id=user_id)


@router.get("/user", operation_id="get_user", responses=private())
@limited("user")
async def user(request: Request) -> User:
    """Whose cookie it is; nobody's, for who has none."""
    return User(user_id=caller_of(request).user_id)


@router.delete(
    "/user/{user_id}/ratings",
    operation_id="forget_ratings",
    responses=private() | NO_FORM,
    dependencies=SECURITY,
)
@limited("rate")
async def forget_all(request: Request, user_id: UserId) -> Forgotten:
    """Forgets all that a person rated."""
    return await _forgotten(request, user_id)


@router.delete(
    "/user/{user_id}/ratings/{film_id}",
    operation_id="forget_rating",
    responses=private() | NO_FORM,
    dependencies=SECURITY,
)
@limited("rate")
async def forget_one(
    request: Request,
    user_id: UserId,
    film_id: Annotated[PathFilmId, Path(description="IMDb's tconst or its digits")],
) -> Forgotten:
    """Forgets a person's rating of a film."""
    if film_id > MOST_FILM_ID:  # more than anybody can rate
        return Forgotten(forgotten=0)
    return await _forgotten(request, user_id, film_id)


async def _forgotten(request: Request, user_id: str, film_id: int | None = None) -> Forgotten:
    ratings: Ratings = request.app.state.ratings
    metrics: Metrics = request.app.state.metrics
    count = await ratings.forget(user_id, film_id)
    metrics.forgotten(count)
    return Forgotten(forgotten=count)
