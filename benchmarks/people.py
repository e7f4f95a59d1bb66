"""How fast a person is answered: the top 10 after 5, 50 and 500 ratings; and ratings a second.

`--link FILE` is a published build, such as duckdb/films.duckdb; it is served as `make serve` does,
with a ratings store of its own.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np

from benchmarks._latency import Question, latency
from tests.server import server
from tests.service import AS_PROGRAM, with_ratings

RATINGS = (5, 50, 500)
_ASKED = 300
_CLIENTS = 16
_WRITE_SECONDS = 5.0


def run(arguments: list[str]) -> Mapping[str, object]:
    """Milliseconds of the top 10, by ratings of the person; ratings acknowledged a second."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks people")
    parser.add_argument("--link", type=Path, required=True, help="a published build")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = with_ratings(folder) | {"rate_limits": "off", "access_log": "off"}
        with (
            server(folder, options.link, **settings) as running,
            httpx.Client(base_url=running.url, headers=AS_PROGRAM) as client,
        ):
            films = _films(client)
            latencies = {count: _top(client, films, count) for count in RATINGS}
            writes = _writes(running.url, films)
            about = client.get("/about").json()["build"]
    return {"films": about["films"], "top10_ms": latencies, "writes_per_second": writes}


def _films(client: httpx.Client) -> list[int]:
    """Films that are known best, for people rate these."""
    found: list[int] = []
    for offset in range(0, max(RATINGS), 100):
        asked: dict[str, str | int] = {"sort": "vote_count", "order": "desc", "limit": 100}
        asked["offset"] = offset
        answer = client.get("/film/search", params=asked)
        found += [one["film_id"] for one in answer.json()]
    return found


def _top(client: httpx.Client, films: list[int], count: int) -> Mapping[str, float]:
    """p50 and p99 of one client, each time for somebody else of ten people."""
    chance = np.random.default_rng(count)
    for person in range(10):
        some = chance.choice(films, min(count, len(films)), replace=False)
        items = [
            {"film_id": int(film), "rating": float(stars) / 2}
            for film, stars in zip(some, chance.integers(1, 11, len(some)), strict=True)
        ]
        client.post(f"/user/{count}-{person}/ratings", json=items).raise_for_status()
    asked = [
        Question("GET", f"/user/{count}-{number % 10}/ratings/top/10") for number in range(_ASKED)
    ]
    return latency(str(client.base_url), asked, AS_PROGRAM)


def _writes(url: str, films: list[int]) -> float:
    """Ratings acknowledged a second, to clients of which each writes one after the other."""
    until = time.monotonic() + _WRITE_SECONDS

    def write(number: int) -> int:
        count = 0
        with httpx.Client(base_url=url, headers=AS_PROGRAM) as client:
            while time.monotonic() < until:
                item = {"film_id": films[count % len(films)], "rating": 1 + count % 5}
                client.post(f"/user/writer-{number}/ratings", json=[item]).raise_for_status()
                count += 1
        return count

    with ThreadPoolExecutor(_CLIENTS) as threads:
        return round(sum(threads.map(write, range(_CLIENTS))) / _WRITE_SECONDS, 1)
