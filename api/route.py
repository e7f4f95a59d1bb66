"""What routes have in common: a limit, and the build that they answer from."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute

from api.client import client_of, counted_as
from api.db.build import Build
from api.db.database import Database
from api.limits import LimitName, Limits
from api.middleware.headers import add_headers
from api.settings import Settings
from filmkin.errors import TooManyRequestsError

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_LIMIT = "_filmkin_limit"
_BUILD = "filmkin.build"


def limited(name: LimitName) -> Callable[[Endpoint], Endpoint]:
    """Marks a route's function: its requests count against the limit `name`."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _LIMIT, name)
        return endpoint

    return mark


async def count(request: Request, name: LimitName) -> None:
    """Count a request against a limit; the answer, be it an error, says where the client stands.

    Raises TooManyRequestsError.
    """
    limits: Limits = request.app.state.limits
    if limits.enabled:
        settings: Settings = request.app.state.settings
        client = counted_as(client_of(request.scope, settings.trusted_proxies))
        standing = await limits.count(name, client)
        add_headers(request.scope, standing.headers())
        if not standing.allowed:
            raise TooManyRequestsError(standing.name, standing.reset)


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class LimitedRoute(APIRoute):
    """A route whose requests count against its limit before anything of them is read; so an
    invalid one costs as much of the limit as a valid one.
    """

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()
        name: LimitName | None = getattr(self.endpoint, _LIMIT, None)

        async def answered(request: Request) -> Response:
            if name is not None:
                await count(request, name)
            return await self.answer(request, handler)

        return answered

    async def answer(self, request: Request, handler: Handler) -> Response:
        """What `handler` answers, and what a kind of route does about it."""
        return await handler(request)


class BuildRoute(LimitedRoute):
    """A route whose answer is made of one build, and carries its ETag.

    Who has the answer already gets a 304.
    """

    async def answer(self, request: Request, handler: Handler) -> Response:
        settings: Settings = request.app.state.settings
        with reading(request) as build:
            response = await super().answer(request, handler)
        etag = response.headers.setdefault("ETag", build.etag())
        response.headers["Cache-Control"] = f"public, max-age={settings.cache_seconds}"
        response.headers["Vary"] = "Accept"
        if response.status_code == HTTPStatus.OK and has_answer(request, etag):
            return not_modified(response)
        return response


@contextmanager
def reading(request: Request) -> Iterator[Build]:
    """The build that the request's CurrentBuild is while the block runs; it is not closed then.

    Raises UnavailableError while there is none.
    """
    database: Database = request.app.state.database
    with database.build.read() as build:
        request.scope[_BUILD] = build
        yield build


def has_answer(request: Request, etag: str) -> bool:
    """Whether the client has the answer with this tag: If-None-Match names it, by the weak
    comparison of RFC 9110, 8.8.3.2, or any.
    """
    if request.method != "GET":
        return False
    named = ",".join(request.headers.getlist("if-none-match"))
    tags = {tag.strip().removeprefix("W/") for tag in named.split(",")}
    return bool({etag.removeprefix("W/"), "*"} & tags)


def not_modified(response: Response) -> Response:
    """304 with the headers that tell of the answer, and without the answer."""
    kept = {name: response.headers[name] for name in ("ETag", "Cache-Control")}
    # An answer that is sent is varied by how it is compressed, when it is.
    vary = f"{response.headers['Vary']}, Accept-Encoding"
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={**kept, "Vary": vary})


async def _build(request: Request) -> Build:
    build: Build = request.scope[_BUILD]
    return build


CurrentBuild = Annotated[Build, Depends(_build)]
