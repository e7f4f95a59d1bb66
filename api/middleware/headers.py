"""Headers of every answer: what browsers may do with it, and what was added on the way."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ADDED = "filmkin.headers"

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_NOTHING_MAY_RUN = "default-src 'none'; frame-ancestors 'none'"
# The pages of the documentation start themselves by a script within the page.
_DOCUMENTATION = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src blob:;"
    " frame-ancestors 'none'"
)
_DOCUMENTED_AT = ("/docs", "/redoc")
# The page runs what the service hands out, and asks nobody else. Styles of elements carry data.
_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline';"
    " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
_PAGE_AT = "/"


def add_headers(scope: Scope, headers: Mapping[str, str]) -> None:
    """Have the answer carry these, whoever makes it, be it an error; the last of a name counts."""
    scope.setdefault(_ADDED, {}).update(_encoded(headers))


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


_API = _encoded({**_EVERYWHERE, "Content-Security-Policy": _NOTHING_MAY_RUN})
_DOCUMENTS = _encoded({**_EVERYWHERE, "Content-Security-Policy": _DOCUMENTATION})
_PAGES = _encoded({**_EVERYWHERE, "Content-Security-Policy": _PAGE})


class Headers:
    """ASGI middleware: adds the headers as an answer starts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                fixed = _fixed(scope["path"])
                message["headers"] = [*message["headers"], *fixed, *scope.get(_ADDED, {}).items()]
            await send(message)

        await self.app(scope, receive, with_headers)


def _fixed(path: str) -> list[tuple[bytes, bytes]]:
    if path == _PAGE_AT:
        return _PAGES
    return _DOCUMENTS if path.startswith(_DOCUMENTED_AT) else _API
