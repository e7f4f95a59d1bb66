"""64 clients for a minute with the worst that they can send, and one that behaves.

Limits off: what is measured is what the service takes, not what the limits spare it. The figures
count the answers by status, and say how much memory the server took at most, beside how long the
one that behaves waited.
"""

import argparse
import json
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks._catalogue import Memory, sample_build
from benchmarks._load import Answer, Load
from benchmarks._questions import Asked, Questions
from tests.server import server

FILMS = 40_000
_CLIENTS = 64


def run(arguments: list[str]) -> Mapping[str, object]:
    """Figures of the whole."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks abuse")
    parser.add_argument("--data", type=Path, help="folder that keeps the sample")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        link = sample_build(options.data or folder, FILMS, "shipped")
        with (
            server(folder, link, rate_limits="off", access_log="off") as running,
            Memory(running.pid) as memory,
        ):
            return _attacked(running.port, link.resolve(), memory, options.seconds)


def _attacked(port: int, file: Path, memory: Memory, seconds: float) -> Mapping[str, object]:
    statuses: Counter[int] = Counter()
    by_status: dict[int, str] = {}

    def noted(answer: Answer) -> None:
        statuses[answer.status] += 1
        if answer.status >= 500:
            by_status.setdefault(answer.status, answer.body[:200])
            assert answer.status == 503, answer.body[:200]

    questions = Questions(file)
    bad = Load(port, worst(questions), noted, clients=_CLIENTS)
    good = Load(port, questions.film(), _answered, clients=1)
    beside = threading.Thread(target=lambda: good.run(seconds))
    beside.start()
    bad.run(seconds)
    beside.join()
    waited = np.array(good.milliseconds)
    return {
        "clients": _CLIENTS,
        "seconds": seconds,
        "requests": bad.count,
        "statuses": dict(sorted(statuses.items())),
        "not_allowed": bad.failures[:5],
        "of_503": by_status.get(503),
        "peak_mb": round(memory.peak / 1e6),
        "behaving_client": {
            "requests": good.count,
            "failed": len(good.failures),
            "p50_ms": round(float(np.median(waited)), 1),
            "p99_ms": round(float(np.quantile(waited, 0.99)), 1),
        },
    }


def _answered(answer: Answer) -> None:
    assert answer.status in (200, 404), answer.body[:200]


def worst(questions: Questions) -> list[Asked]:
    """What costs most of those things that one can ask."""
    patterns = [
        r"(\pL|\pN| ){1,400}Q",
        "(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]$",
        "((a{1,30}){1,30})",
        "(a|b|c|d|e|.){1,200}z$",
        "[^aeiou]{12}",
        "." * 500,
        "(?:" * 100 + "x" + ")*" * 100,
        r"\pL+ \pL+ \pL+ \pL+$",
        "a",
        "an",
        "[",
    ]
    searches: list[dict[str, object]] = [
        {field: pattern}
        for pattern in patterns
        for field in ("title", "original_title", "person", "genre")
    ]
    searches += [dict.fromkeys(("title", "original_title", "person"), p) for p in patterns[:4]]
    searches += [
        {"persons": ["x" * 500] * 50, "any_persons": ["🎬" * 500] * 50},
        {"exclude_genres": ["Drama"] * 50},
        {"ids": list(range(1000))},
        {"sort": "rating", "order": "desc", "offset": 39_900},
        {"title": "\u0000" * 500},
        {},
    ]
    bodies = [json.dumps(search) for search in searches]
    asked: list[Asked] = [("/film/search", body) for body in bodies]
    asked += [("/film/search/facets", body) for body in bodies]
    asked += [("/person/search", json.dumps({"name": pattern})) for pattern in patterns]
    asked += [("/film/search", json.dumps({"format": f})) for f in ("csv", "jsonl")]
    asked += [
        ("/film/search", "[" * 100_000),
        ("/film/search", '{"title": "' + "x" * 3_000_000 + '"}'),
        ("/film/search", '{"ids": [' + "1," * 400_000 + "1]}"),
        ("/film/search", '{"min_rating": 1e999999}'),
        "/film/search?" + "title=x&" * 2_000,
        "/film/" + "9" * 4_000,
        "/film/%00%ff",
        "/nothing/" + "x" * 8_000,
    ]
    ids = [str(one).split("/")[2] for one in questions.film()[:40]]
    asked += [f"/film/{number}/similar/0?limit=100&explain=true" for number in ids]
    asked += [f"/film/{number}/similar/0.0?limit=100&offset=1000000" for number in ids]
    return asked
