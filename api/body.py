"""A cap on what a client can make the service read."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Enough for every list and pattern of a search at its longest, each letter written as \uXXXX.
MAX_BODY_BYTES = 1 << 20


class BodyLimit:
    """ASGI middleware: a body stops with 413 where it passes the cap, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                raise HTTPException(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"A body has at most {MAX_BODY_BYTES} bytes.",
                    headers={"Connection": "close"},
                )
            return message

        await self.app(scope, counted, send)
