"""A host on loopback that behaves like IMDb's, and misbehaves where a test asks it to."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Host:
    """Serves `files` with ETag, Last-Modified and ranges. Faults are used up one a request."""

    files: dict[str, bytes] = field(default_factory=dict)
    #: answers before the real one: (status, headers, body)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    #: break the connection after so many bytes, once for each entry
    breaks: list[int] = field(default_factory=list)
    #: (path, Range header or "") of each request
    requests: list[tuple[str, str]] = field(default_factory=list)
    etags: bool = True
    url: str = ""

    @classmethod
    def of_folder(cls, folder: Path) -> "Host":
        return cls({f"/{path.name}": path.read_bytes() for path in folder.glob("*.gz")})


class _Handler(BaseHTTPRequestHandler):
    """`host` is set on a subclass: one for each server."""

    protocol_version = "HTTP/1.1"
    host: Host

    def do_GET(self) -> None:
        self.host.requests.append((self.path, self.headers.get("Range", "")))
        if self.host.answers:
            self._send(*self.host.answers.pop(0))
        elif self.path not in self.host.files:
            self._send(404, {"Content-Type": "text/html"}, b"<html>Not found</html>")
        else:
            self._send_file(self.host.files[self.path])

    def _send_file(self, body: bytes) -> None:
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"Accept-Ranges": "bytes", "Last-Modified": "Sat, 21 Nov 2026 00:00:00 GMT"}
        if self.host.etags:
            headers["ETag"] = etag
        asked = self.headers.get("Range")
        validator = self.headers.get("If-Range")
        if asked and validator in (etag, headers["Last-Modified"]):
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(body):
                self._send(416, {"Content-Range": f"bytes */{len(body)}"}, b"")
                return
            headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
            self._send(206, headers, body[begin:])
        else:
            self._send(200, headers, body)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.host.breaks and status in (200, 206):
            self.wfile.write(body[: self.host.breaks.pop(0)])
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
