"""create_app: settings in, application out."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi_offline import FastAPIOffline

from api import openapi
from api.db.database import Database
from api.errors import answer, install_handlers
from api.identity import Identities
from api.limits import Limits
from api.metrics import Metrics
from api.middleware.body import BodyLimit
from api.middleware.faults import Faults
from api.middleware.head import Head
from api.middleware.headers import Headers
from api.middleware.observe import REQUEST_ID, Observe
from api.ratings import Ratings
from api.routers import (
    film,
    free_text,
    page,
    person,
    prediction,
    ratings,
    recommendations,
    service,
    user,
)
from api.settings import Settings
from api.version import API_VERSION

log = logging.getLogger(__name__)

# In the order in which the documentation lists them.
_ROUTERS = (
    film, prediction, free_text, page, person, user, ratings, recommendations, service,
)  # fmt: skip

# Smaller answers do not get smaller by it; beyond this level they hardly do, for twice the work.
_GZIP_BYTES = 1_000
_GZIP_LEVEL = 4

_EXPOSED = (
    "ETag", "Link", "X-Total-Count", "X-Next-Cursor", REQUEST_ID, "Retry-After",
    "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy",
)  # fmt: skip


def create_app(settings: Settings) -> FastAPI:
    """The application. The database is opened when it starts, and followed while it runs."""
    database, metrics = Database(settings), Metrics()
    rated = Ratings(settings.store) if settings.secret else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await database.refresh()
        if rated is not None:
            await rated.open()
        # What is there now stays: the collector need not walk through all of it, for a tenth of a
        # second each time, while requests wait.
        gc.collect()
        gc.freeze()
        following = asyncio.create_task(_follow(database, settings.poll_seconds))
        try:
            yield
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            database.close()
            if rated is not None:
                await rated.close()

    app = FastAPIOffline(
        title="Filmkin",
        summary="A film catalogue: search, films, and the films that are kin to them.",
        version=API_VERSION,
        lifespan=lifespan,
        redirect_slashes=False,  # a redirect would lead to whatever Host the client named
    )
    app.state.settings = settings
    app.state.database = database
    app.state.metrics = metrics
    app.state.limits = Limits(settings)
    app.state.identities = Identities(settings)
    app.state.ratings = rated
    # The last that is added sees a request first.
    app.add_middleware(Faults, answer=answer)
    app.add_middleware(BodyLimit)
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_BYTES, compresslevel=_GZIP_LEVEL)
    app.add_middleware(Head)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Content-Type", "If-None-Match", REQUEST_ID],
            expose_headers=list(_EXPOSED),
        )
    app.add_middleware(Headers)
    app.add_middleware(Observe, metrics=metrics, settings=settings)
    install_handlers(app)
    for part in (
        prediction,  # before what takes its path for that of a film
        film,
        free_text,
        page,
        person,
        user,
        ratings,
        recommendations,
        service,
    ):
        app.include_router(part.router)
    openapi.complete(app)
    return app


async def _follow(database: Database, poll_seconds: float) -> None:
    """Look for a newer build for ever; a look that fails is logged, and the next one made."""
    while True:
        await asyncio.sleep(poll_seconds)
        try:
            await database.refresh()
        except Exception:
            log.exception("looking for a new build failed")
