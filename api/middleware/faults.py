"""A fault of ours is answered within the other middleware: with their headers, and counted."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Answer = Callable[[Request, Exception], Awaitable[Response]]


class Faults:
    """ASGI middleware: what no handler knows is answered by `answer`, if nothing is sent yet."""

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self.app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_begun = False

        async def begun(message: Message) -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        try:
            await self.app(scope, receive, begun)
        except Exception as error:
            if is_begun:
                raise
            response = await self._answer(Request(scope, receive), error)
            await response(scope, receive, send)
