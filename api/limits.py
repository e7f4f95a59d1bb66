"""Named rate limits, per client and route, counted by SlowAPI.

A request counts before its body is read: an invalid one costs as much of the limit as a valid one.
"""

import math
import time
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from limits import RateLimitItem, parse
from slowapi import Limiter
from slowapi.util import get_remote_address

from api.settings import Settings
from filmkin.errors import TooManyRequestsError

LimitName = Literal["search", "film", "similar"]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_LIMIT = "_filmkin_limit"


class Limits:
    """The limits of one app."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = Limiter(
            key_func=get_remote_address,
            storage_uri=settings.limit_storage,
            enabled=settings.rate_limits,
            # With fixed windows a client could spend two of them at their border.
            strategy="moving-window",
        )
        self._items: dict[LimitName, RateLimitItem] = {
            "search": parse(settings.limit_search),
            "film": parse(settings.limit_film),
            "similar": parse(settings.limit_similar),
        }

    def count(self, name: LimitName, client: str) -> None:
        """Count one request; raises TooManyRequestsError with the seconds to wait."""
        if not self._limiter.enabled:
            return
        item, counter = self._items[name], self._limiter.limiter
        if not counter.hit(item, name, client):
            reset = counter.get_window_stats(item, name, client).reset_time
            raise TooManyRequestsError(str(item), max(1, math.ceil(reset - time.time())))


def limited(name: LimitName) -> Callable[[Endpoint], Endpoint]:
    """Marks a route's function: its requests count against the limit `name`."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _LIMIT, name)
        return endpoint

    return mark


class LimitedRoute(APIRoute):
    """A route that counts a request against its limit before anything of it is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        name: LimitName | None = getattr(self.endpoint, _LIMIT, None)
        if name is None:
            return handler

        async def counted(request: Request) -> Response:
            limits: Limits = request.app.state.limits
            limits.count(name, get_remote_address(request))
            return await handler(request)

        return counted
