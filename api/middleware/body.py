"""A cap on what a client can make the service read, and on how long it may take over it."""

import asyncio
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Enough for every list and pattern of a search at its longest, each letter written as \uXXXX.
MAX_BODY_BYTES = 2 << 20
# A thousand ratings are a tenth of it: what is longer would only be read, which stops all others.
MAX_RATINGS_BYTES = 1 << 18
MAX_BODY_SECONDS = 10.0


class BodyLimit:
    """ASGI middleware: a body stops with 413 where it passes the cap, announced or not, and with
    408 when it takes too long.
    """

    def __init__(self, app: ASGIApp, seconds: float = MAX_BODY_SECONDS) -> None:
        self.app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = MAX_RATINGS_BYTES if scope["path"].startswith("/user/") else MAX_BODY_BYTES
        read, is_whole = 0, False
        until = asyncio.get_running_loop().time() + self._seconds

        async def counted() -> Message:
            nonlocal read, is_whole
            if not read and _announced(scope) > most:
                raise _too_large(most)
            if is_whole:  # what follows is the end of the connection
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                told = f"The body took more than {self._seconds:g} s."
                raise _refused(HTTPStatus.REQUEST_TIMEOUT, told) from None
            read += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if read > most:
                raise _too_large(most)
            return message

        await self.app(scope, counted, send)


def _announced(scope: Scope) -> float:
    """How many bytes a body is said to have."""
    length = Headers(scope=scope).get("content-length", "")
    return float(length) if length.isdecimal() else 0


def _too_large(most: int) -> HTTPException:
    told = f"A body has at most {most} bytes."
    return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told)


def _refused(status: HTTPStatus, told: str) -> HTTPException:
    return HTTPException(status, told, headers={"Connection": "close"})
