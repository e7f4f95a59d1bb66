"""create_app: settings in, application out."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi_offline import FastAPIOffline

from api.body import BodyLimit
from api.db.connection import Database
from api.errors import install_handlers
from api.limits import Limits
from api.routers import film, root
from api.settings import Settings

log = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """The application. The database is opened when it starts, and followed while it runs."""
    database = Database(settings.database, settings.connections, settings.database_seconds)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(database.refresh)
        following = asyncio.create_task(_follow(database, settings.poll_seconds))
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        database.close()

    app = FastAPIOffline(
        title="Filmkin",
        summary="A film catalogue: search, films, and the films that are kin to them.",
        version=version("filmkin"),
        lifespan=lifespan,
        redirect_slashes=False,  # a redirect would lead to whatever Host the client named
    )
    app.state.database = database
    app.state.limits = Limits(settings)
    app.add_middleware(BodyLimit)
    install_handlers(app)
    app.include_router(root.router)
    app.include_router(film.router)
    return app


async def _follow(database: Database, poll_seconds: float) -> None:
    """Look for a newer build for ever; a look that fails is logged, and the next one made."""
    while True:
        await asyncio.sleep(poll_seconds)
        try:
            await run_in_threadpool(database.refresh)
        except Exception:
            log.exception("looking for a new build failed")
