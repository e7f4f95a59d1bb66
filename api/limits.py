"""Named rate limits, per client and route, counted by SlowAPI.

A limit is a dependency of its route, so that it counts before the request's body is looked at: an
invalid request costs as much of the limit as a valid one.
"""

import math
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from fastapi import Request
from limits import RateLimitItem, parse
from slowapi import Limiter
from slowapi.util import get_remote_address

from api.settings import Settings
from filmkin.errors import TooManyRequestsError

LimitName = Literal["search", "film", "similar"]


class Limits:
    """The limits of one app."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = Limiter(
            key_func=get_remote_address,
            storage_uri=settings.limit_storage,
            enabled=settings.rate_limits,
            # Without a window of its own a client could spend two windows' worth at their border.
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
            wait = max(1, math.ceil(reset - time.time()))
            raise TooManyRequestsError(str(item), wait)


def limited(name: LimitName) -> Callable[[Request], Awaitable[None]]:
    """A dependency that counts a request against the limit `name`."""

    async def count(request: Request) -> None:
        limits: Limits = request.app.state.limits
        limits.count(name, get_remote_address(request))

    return count
