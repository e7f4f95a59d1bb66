"""Many clients at once over plain asyncio: what they are answered is looked at, and counted."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

Check = Callable[["Answer"], None]


@dataclass(slots=True)
class Answer:
    """An answer, and the milliseconds that it took; header names in lower case."""

    path: str
    status: int
    headers: dict[str, str]
    body: str
    milliseconds: float


@dataclass
class Load:
    """So many clients, each with a connection that it keeps, asking paths at random.

    A path is asked with GET, or is (path, JSON text) to be posted. `check` raises AssertionError
    for an answer that is wrong.
    """

    port: int
    paths: Sequence[str | tuple[str, str]]
    check: Check
    clients: int = 16
    count: int = 0
    failures: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    _until: float = 0.0

    def run(self, seconds: float) -> None:
        """Ask for so long."""
        self._until = time.monotonic() + seconds
        asyncio.run(self._all())

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ask beside what the block does."""
        self._until = float("inf")
        thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        thread.start()
        try:
            yield
        finally:
            self._until = 0.0
            thread.join()

    async def _all(self) -> None:
        await asyncio.gather(*(self._client(number) for number in range(self.clients)))

    async def _client(self, number: int) -> None:
        choose = np.random.default_rng(number)
        connection = await asyncio.open_connection("127.0.0.1", self.port)
        while time.monotonic() < self._until:
            if connection[1].is_closing():
                connection = await asyncio.open_connection("127.0.0.1", self.port)
            asked = self.paths[int(choose.integers(len(self.paths)))]
            try:
                answer = await _asked(*connection, asked)
                self.milliseconds.append(answer.milliseconds)
                self.check(answer)
            except (AssertionError, OSError, ValueError, asyncio.IncompleteReadError) as error:
                self.failures.append(f"{asked}: {type(error).__name__} {error}"[:500])
                connection[1].close()
            self.count += 1
        connection[1].close()


async def _asked(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: str | tuple[str, str]
) -> Answer:
    begun = time.perf_counter()
    if isinstance(asked, str):
        path, request = asked, f"GET {asked} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    else:
        path, body = asked[0], asked[1].encode()
        request = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    if headers.get("transfer-encoding") == "chunked":
        body = await _chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    if headers.get("connection") == "close":
        writer.close()
    took = (time.perf_counter() - begun) * 1000
    return Answer(path, int(status.split(" ")[1]), headers, body.decode(), took)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readexactly(2)
    return b"".join(parts)
