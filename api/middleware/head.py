"""HEAD wherever there is GET: the same answer without its body (RFC 9110, 9.3.2)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

IS_HEAD = "filmkin.is_head"  # in the scope, for what would be long to make and is not sent


class Head:
    """ASGI middleware: asks with GET, and sends the headers alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        scope["method"], scope[IS_HEAD] = "GET", True
        await self.app(scope, receive, without_body)
