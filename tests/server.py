"""The real server, started as the README says, on a port of its own."""

import os
import re
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.programs import Program

ROOT = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent
_START_SECONDS = 60.0


@dataclass
class Server:
    """A running server; `start_seconds` from its start to its first answer."""

    url: str
    port: int
    program: Program
    start_seconds: float

    @property
    def pid(self) -> int:
        return self.program.pid


def start_command() -> list[str]:
    """The README's."""
    (line,) = re.findall(r"^uvicorn main:app .*$", (ROOT / "README.md").read_text("utf-8"), re.M)
    return str(line).split()


@contextmanager
def server(
    folder: Path,
    link: Path,
    *,
    workers: int = 1,
    app: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
    ready: str = "/health/ready",
    port: int | None = None,
    **settings: object,
) -> Iterator[Server]:
    """The server on a database, until the block ends; settings as in `api.settings`.

    `app` stands in place of main:app; `ready` is the path that answers when it has started.
    """
    port = port or free_port()
    program, main, *options = start_command()
    command = [str(_BIN / program), *(app or (main,)), *options]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    named = {"database": str(link), **settings}
    own = {f"FILMKIN_{name.upper()}": str(value) for name, value in named.items()}
    begun = time.perf_counter()
    started = Program("server", command, folder, {**os.environ, **own, **(environment or {})}, ROOT)
    try:
        url = f"http://127.0.0.1:{port}"
        started.until("its first answer", lambda: _answers(port, ready), _START_SECONDS)
        yield Server(url, port, started, time.perf_counter() - begun)
    finally:
        started.kill()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answers(port: int, path: str) -> bool:
    """Asked often while the server starts: what it costs is not to slow that down."""
    asked = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", path)
        return asked.getresponse().status == 200
    except OSError:
        return False
    finally:
        asked.close()
