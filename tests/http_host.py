"""A host on loopback that behaves like IMDb's, and misbehaves where a test asks it to."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODIFIED = "Sat, 21 Nov 2026 00:00:00 GMT"
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Faults:
    """What goes wrong, used up one a request."""

    #: answers before the real one: (status, headers, body)
    answers: list[Answer] = field(default_factory=list)
    #: break the connection after so many bytes, once for each entry
    breaks: list[int] = field(default_factory=list)


@dataclass
class Host(Faults):
    """Serves `files` with ETag, Last-Modified, conditions and ranges.

    Its own faults are for any path but those that have faults of their own.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, Faults] = field(default_factory=dict)
    #: Last-Modified by path, where it is not MODIFIED
    modified: dict[str, str] = field(default_factory=dict)
    #: the headers by which it tells files apart
    validators: tuple[str, ...] = ("ETag", "Last-Modified")
    honours_conditions: bool = True
    #: the headers of an answer that a file has not changed
    confirms_with: tuple[str, ...] = ("ETag", "Last-Modified")
    #: whether a part of a file comes with what tells it apart, too
    partial_validators: bool = True
    #: called with the path before each answer
    on_request: Callable[[str], None] = lambda _: None
    #: (path, what was asked: the Range, "changed?" or "") of each request
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    @classmethod
    def of_folder(cls, folder: Path) -> "Host":
        return cls(files={f"/{path.name}": path.read_bytes() for path in folder.glob("*.gz")})

    def asked(self, path: str) -> list[str]:
        """What was asked about one path."""
        return [what for asked, what in self.requests if asked == path]


class _Handler(BaseHTTPRequestHandler):
    """`host` is set on a subclass: one for each server."""

    protocol_version = "HTTP/1.1"
    host: Host

    def do_GET(self) -> None:
        self.host.on_request(self.path)
        condition = self.headers.get("If-None-Match") or self.headers.get("If-Modified-Since")
        what = "changed?" if condition else self.headers.get("Range", "")
        self.host.requests.append((self.path, what))
        self.faults = self.host.faults.get(self.path, self.host)
        if self.faults.answers:
            self._send(*self.faults.answers.pop(0))
        elif self.path not in self.host.files:
            self._send(404, {"Content-Type": "text/html"}, b"<html>Not found</html>")
        else:
            self._send_file(self.host.files[self.path], condition)

    def _send_file(self, body: bytes, condition: str | None) -> None:
        validators = {
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
            "Last-Modified": self.host.modified.get(self.path, MODIFIED),
        }
        validators = {name: validators[name] for name in self.host.validators}
        headers = {"Accept-Ranges": "bytes"} | validators
        asked = self.headers.get("Range")
        if condition in validators.values() and self.host.honours_conditions:
            told = {n: v for n, v in validators.items() if n in self.host.confirms_with}
            self._send(304, told, b"")
        elif asked and self.headers.get("If-Range") in validators.values():
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(body):
                self._send(416, {"Content-Range": f"bytes */{len(body)}"}, b"")
                return
            if not self.host.partial_validators:
                headers = {}
            headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
            self._send(206, headers, body[begin:])
        else:
            self._send(200, headers, body)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.faults.breaks and status in (200, 206):
            self.wfile.write(body[: self.faults.breaks.pop(0)])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Broken connections are on purpose here."""


@contextmanager
def serve(host: Host) -> Iterator[Host]:
    """Serve on a free port of loopback until the end of the block."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"host": host}))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    host.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
