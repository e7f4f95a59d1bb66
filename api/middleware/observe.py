"""Every request is counted, timed and logged, under an id that its answer carries."""

import json
import logging
import re
import time
import uuid
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.client import client_of
from api.metrics import Metrics
from api.middleware.headers import add_headers
from api.settings import Settings

access_log = logging.getLogger("api.access")

REQUEST_ID = "X-Request-ID"
# An id that a client gives is taken where it can do no harm in a log.
_SOUND_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
_NO_ANSWER = 499  # the client went before there was one; nginx's number for it


class Observe:
    """ASGI middleware: metrics, access log, request id."""

    def __init__(self, app: ASGIApp, metrics: Metrics, settings: Settings) -> None:
        self.app = app
        self._metrics = metrics
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope[REQUEST_ID] = request_id
        add_headers(scope, {REQUEST_ID: request_id})
        method = scope["method"]
        begun = time.perf_counter()
        status, sent = _NO_ANSWER, 0

        async def observed(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, observed)
        finally:
            seconds = time.perf_counter() - begun
            route = getattr(scope.get("route"), "path", "")
            known = method if method in _METHODS else "other"
            self._metrics.observe(known, route, status, seconds)
            if self._settings.access_log:
                self._log(scope, method, status, sent, seconds)

    def _log(self, scope: Scope, method: str, status: int, sent: int, seconds: float) -> None:
        told = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "request_id": scope[REQUEST_ID],
            "client": client_of(scope, self._settings.trusted_proxies),
            "method": method,
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "status": status,
            "bytes": sent,
            "milliseconds": round(seconds * 1000, 2),
        }
        access_log.info(json.dumps(told))


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SOUND_ID.fullmatch(value):
            return str(value.decode())
    return uuid.uuid4().hex
