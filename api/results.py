"""A search -> its answer: a page with its links, or the whole result line by line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import numpy as np
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api import cursor
from api.db.build import Build
from api.db.search import Page, choose, page
from api.middleware.head import IS_HEAD
from api.models.search import Direction, Format, Search
from api.openapi import LINK, NEXT, TOTAL
from api.route import count, has_answer
from api.sending import JSON, MEDIA_TYPES, accepted, json_list, lines
from api.settings import Settings
from filmkin.selection import Mask

_MAX_LINK = 2_000  # characters: what every proxy takes in an address


async def result(request: Request, build: Build, search: Search) -> Response:
    """The films that `search` asks for. Raises InvalidQueryError."""
    form = search.format or accepted(request.headers.get("accept", ""))
    if form is not Format.JSON:
        etag = build.etag(f"-{form}")
        has_it = has_answer(request, etag)
        if not has_it:
            await count(request, "export")
        chosen = await choose(build, search)
        if has_it:  # the route makes a 304 of it
            return Response(headers={"ETag": etag})
        return _whole(request, build, search, chosen, form, etag)
    after = cursor.read(search)
    found = page(build.index, await choose(build, search), search, after)
    documents = await build.documents(found.film_ids) if found.film_ids else {}
    body = json_list(documents[film_id] for film_id in found.film_ids)
    return Response(body, media_type=JSON, headers=_page_headers(search, found))


def _whole(
    request: Request, build: Build, search: Search, chosen: Mask, form: Format, etag: str
) -> Response:
    descending = search.order is Direction.DESCENDING
    total = int(np.count_nonzero(chosen))
    rows = build.index.orders[search.sort].page(
        chosen, descending=descending, start=0, offset=0, limit=total
    )
    film_ids = [] if request.scope.get(IS_HEAD) else build.index.film_ids[rows].tolist()
    settings: Settings = request.app.state.settings
    return _Export(
        build,
        lines(build, film_ids, form),
        settings.export_seconds,
        media_type=MEDIA_TYPES[form],
        headers={TOTAL: str(total), "ETag": etag},
    )


class _Export(StreamingResponse):
    """A stream that keeps its build open from now on until it is sent, or its client is gone.

    Where the client takes too long it breaks off, and the client sees that the end is missing.
    """

    def __init__(
        self, build: Build, written: AsyncIterator[str], seconds: float, **options: Any
    ) -> None:
        super().__init__(written, **options)
        self._seconds = seconds
        self._held = ExitStack()
        self._held.enter_context(build.read())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            async with asyncio.timeout(self._seconds):
                await super().__call__(scope, receive, send)


def _page_headers(search: Search, found: Page) -> dict[str, str]:
    """The total, and RFC 8288 links to other pages.

    The next page is named by a cursor, which a new build does not shift; the others by number.
    """
    headers = {TOTAL: str(found.total)}
    links = {"first": _link(search)}
    if search.cursor is None:
        last = max(0, found.total - 1) // search.limit * search.limit
        links["last"] = _link(search, offset=last)
        if search.offset:
            links["prev"] = _link(search, offset=max(0, min(last, search.offset - search.limit)))
    if found.end is not None:
        headers[NEXT] = cursor.written(search, found.end)
        links["next"] = _link(search, cursor=headers[NEXT])
    told = [f'<{link}>; rel="{name}"' for name, link in links.items() if len(link) <= _MAX_LINK]
    return headers | ({LINK: ", ".join(told)} if told else {})


def _link(search: Search, **changed: object) -> str:
    """The address of a search that is another page of this one."""
    asked = search.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    for name in ("offset", "cursor"):
        asked.pop(name, None)
    asked |= {name: value for name, value in changed.items() if value}
    return f"/film/search?{urlencode(asked, doseq=True)}"
