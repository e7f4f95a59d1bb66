"""The service with one route more: a constant body of a given size, behind the same middleware."""

from functools import cache

from fastapi import FastAPI, Response

from api.app import create_app
from api.logs import configure_logs
from api.settings import Settings


@cache
def _body(size: int) -> bytes:
    return b"[" + b" " * (size - 2) + b"]"


def app() -> FastAPI:
    """For `uvicorn --factory`; the settings are the service's own."""
    configure_logs()
    served = create_app(Settings())

    @served.get("/constant/{size}")
    async def constant(size: int) -> Response:
        return Response(_body(size), media_type="application/json")

    return served
