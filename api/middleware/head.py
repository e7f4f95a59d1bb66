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

        # The server's own scope keeps the method: by it the server knows that no body is to come.
        asked = {**scope, "method": "GET", IS_HEAD: True}
        try:
            await self.app(asked, receive, without_body)
        finally:
            scope["route"] = asked.get("route")
