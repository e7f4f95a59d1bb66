"""Named rate limits, per client, counted by SlowAPI's limiter in this process or in a store.

With a store, one limit holds over all workers. When it fails, each worker counts for itself until
it is back: the limits are looser for a while, and the service goes on.
"""

import asyncio
import logging
import math
import time
from typing import Literal, NamedTuple

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.strategies import RateLimiter
from slowapi import Limiter
from slowapi.util import get_remote_address

from api.settings import Settings

log = logging.getLogger(__name__)

LimitName = Literal[
    "search",
    "suggest",
    "film",
    "similar",
    "predict",
    "person",
    "user",
    "rate",
    "identity",
    "export",
]

_STORE_SECONDS = 0.5  # longest wait for the store
_RETRY_SECONDS = 5.0  # after a failure, the store is left alone for so long
_IN_PROCESS = "memory://"


class Standing(NamedTuple):
    """Where a client stands: whether it may ask; the limit in words, and its requests in `window`
    seconds; what is left of them, and in how many seconds there will be more.
    """

    allowed: bool
    name: str
    limit: int
    window: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """As the IETF's draft "RateLimit header fields for HTTP" names them."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={self.window}",
        }


class Limits:
    """The limits of one app."""

    def __init__(self, settings: Settings) -> None:
        self.enabled = settings.rate_limits
        self._items: dict[LimitName, RateLimitItem] = {
            "search": parse(settings.limit_search),
            "suggest": parse(settings.limit_suggest),
            "film": parse(settings.limit_film),
            "similar": parse(settings.limit_similar),
            "predict": parse(settings.limit_predict),
            "person": parse(settings.limit_person),
            "user": parse(settings.limit_user),
            "rate": parse(settings.limit_rate),
            "identity": parse(settings.limit_identity),
            "export": parse(settings.limit_export),
        }
        self._is_shared = settings.limit_storage != _IN_PROCESS
        self._counter = _counter(settings.limit_storage)
        self._fallback = _counter(_IN_PROCESS) if self._is_shared else self._counter
        self._failed_at = -math.inf

    async def count(self, name: LimitName, client: str) -> Standing:
        """Count one request, if it is still within the limit; then `standing.allowed`."""
        return await self._counted(self._items[name], name, client)

    async def _counted(self, item: RateLimitItem, name: LimitName, client: str) -> Standing:
        if not self._is_shared:
            return _hit(self._counter, item, name, client)
        if time.monotonic() >= self._failed_at + _RETRY_SECONDS:
            try:
                return await asyncio.to_thread(_hit, self._counter, item, name, client)
            except StorageError as error:
                self._failed_at = time.monotonic()
                log.warning("the store of the limits fails, each worker counts alone: %s", error)
        return _hit(self._fallback, item, name, client)


def _counter(storage: str) -> RateLimiter:
    options: dict[str, object] = {"wrap_exceptions": True}
    if storage.startswith("redis"):
        options |= {"socket_connect_timeout": _STORE_SECONDS, "socket_timeout": _STORE_SECONDS}
    limiter = Limiter(
        key_func=get_remote_address,
        storage_uri=storage,
        storage_options=options,  # type: ignore[arg-type]  # more than texts are taken
        # With fixed windows a client could spend two of them at their border.
        strategy="moving-window",
    )
    return limiter.limiter


def _hit(counter: RateLimiter, item: RateLimitItem, name: LimitName, client: str) -> Standing:
    allowed = counter.hit(item, name, client)
    stats = counter.get_window_stats(item, name, client)
    reset = max(1, math.ceil(stats.reset_time - time.time()))
    return Standing(allowed, str(item), item.amount, item.get_expiry(), stats.remaining, reset)
