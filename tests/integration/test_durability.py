"""No acknowledged rating is lost, and none is there twice, however often the server is killed."""

import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest

from tests.server import Server, free_port, server
from tests.service import AS_PROGRAM, WARS, with_ratings
from tests.world import publish

CLIENTS = 8
KILLS = 3
FILMS = [film["film_id"] for film in WARS]
_STEPS_A_STAR = 100_000  # versions that a rating can tell apart


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("films"), WARS)


class Writer:
    """A client that rates one film after the other, each time a little better, until it is told
    to stop; it tries again what was not acknowledged, with the next version.
    """

    def __init__(self, url: str, user_id: str) -> None:
        self._url = f"{url}/user/{user_id}/ratings"
        self.sent: dict[int, int] = {}
        self.acknowledged: dict[int, int] = {}
        self.count = 0

    def write(self, stop: Event) -> None:
        version = 0
        with httpx.Client(headers=AS_PROGRAM) as client:
            while not stop.is_set():
                version += 1
                film_id = FILMS[version % len(FILMS)]
                self.sent[film_id] = version
                rating = {"film_id": film_id, "rating": rating_of(version)}
                try:
                    answer = client.post(self._url, json=[rating])
                except httpx.TransportError:
                    stop.wait(0.02)  # it was killed; another one comes
                    continue
                assert answer.json() == {"stored": 1}
                self.acknowledged[film_id] = version
                self.count += 1


def rating_of(version: int) -> float:
    return 0.5 + version / _STEPS_A_STAR


def version_of(rating: float) -> int:
    return round((rating - 0.5) * _STEPS_A_STAR)


def test_no_acknowledged_rating_is_lost_by_a_kill_and_none_is_doubled(
    link: Path, tmp_path: Path
) -> None:
    port, stop = free_port(), Event()
    url = f"http://127.0.0.1:{port}"
    people = {f"person-{n}": Writer(url, f"person-{n}") for n in range(CLIENTS)}
    with ThreadPoolExecutor(CLIENTS) as threads:
        writing = [threads.submit(writer.write, stop) for writer in people.values()]
        try:
            for kill in range(KILLS):
                with rating_server(tmp_path, link, port, kill) as running:
                    wait_for_ratings(running, list(people.values()))
                    time.sleep(random.uniform(0, 0.3))
        finally:
            stop.set()
        for one in writing:
            one.result()
    found = stored(tmp_path)
    for user_id, writer in people.items():
        assert writer.acknowledged
        for film_id, sent in writer.sent.items():
            version = found.pop((user_id, film_id), 0)
            assert writer.acknowledged.get(film_id, 0) <= version <= sent
    assert found == {}  # nothing that nobody sent


def wait_for_ratings(running: Server, writers: Sequence[Writer]) -> None:
    """Until some more are acknowledged."""
    enough = sum(writer.count for writer in writers) + CLIENTS
    running.program.until("ratings", lambda: sum(writer.count for writer in writers) > enough)


def stored(folder: Path) -> dict[tuple[str, int], int]:
    """The version of each person's rating of each film."""
    with sqlite3.connect(folder / "ratings.sqlite") as store:
        rows = store.execute("SELECT user_id, film_id, rating FROM ratings").fetchall()
    found = {(user_id, film_id): version_of(rating) for user_id, film_id, rating in rows}
    assert len(found) == len(rows)
    return found


@contextmanager
def rating_server(folder: Path, link: Path, port: int, kill: int) -> Iterator[Server]:
    """A server on the one store; killed by kill -9 as the block ends."""
    settings = with_ratings(folder) | {"rate_limits": "off", "access_log": "off"}
    log = folder / str(kill)
    with server(log, link, port=port, **settings) as running:
        yield running
