"""Routes of what one person rated: for that person, and never kept on the way."""

from http import HTTPStatus

from fastapi import Request, Response, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.exceptions import HTTPException

from api.identity import COOKIE, Caller, Identities
from api.route import Handler, LimitedRoute, reading

#: says so in the OpenAPI document; the routes themselves see to it
SECURITY = (
    Security(HTTPBearer(scheme_name="API key", auto_error=False)),
    Security(APIKeyCookie(name=COOKIE, scheme_name="Cookie", auto_error=False)),
)

_CALLER = "filmkin.caller"
# All that a form can send. Of a page elsewhere it would bring no cookie along, for that is
# SameSite=Strict, but its answer could put another cookie in the place of the person's own.
_OF_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


class UserRoute(LimitedRoute):
    """A route that asks who it is before it reads a request, and lets only them see the answer.

    Whoever comes with a cookie of an earlier day is handed a new one, so that it is only lost by
    who stays away for as long as it is good.
    """

    async def answer(self, request: Request, handler: Handler) -> Response:
        identities: Identities = request.app.state.identities
        caller = identities.caller(request)
        request.scope[_CALLER] = caller
        is_reading = request.method == "GET"
        user_id = request.path_params.get("user_id")
        if user_id is not None:
            caller.check(user_id, writes=not is_reading)
        if not is_reading:
            _refuse_forms(request)
        response = await super().answer(request, handler)
        if caller.user_id is not None and caller.is_due:
            identities.hand(request, response, caller.user_id)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Vary"] = "Cookie, Authorization"
        return response


class UserBuildRoute(UserRoute):
    """One that answers from a build as well."""

    async def answer(self, request: Request, handler: Handler) -> Response:
        with reading(request):
            return await super().answer(request, handler)


def caller_of(request: Request) -> Caller:
    """Who asks, as the route found out."""
    caller: Caller = request.scope[_CALLER]
    return caller


def _refuse_forms(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in _OF_FORMS:
        told = "A page elsewhere could send this form; send JSON."
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, told)
