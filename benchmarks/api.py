"""The real server under load: each route beside a constant body of the same size from the same app.

N uvicorn servers of one worker, which share the clients evenly, limits off. With `--shared-socket`
one server of N workers: of clients that come at once, one of them may get most. A route's ratio is
its requests a second over those of an `async` route behind the same middleware, measured right
before and after it. Ids are uniform over all films, one in ten unknown. `--data DIR` keeps the
samples.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import httpx

from benchmarks._catalogue import sample_build
from benchmarks._datasette import datasette_rates
from benchmarks._layers import layers
from benchmarks._questions import Asked, Questions
from benchmarks._wrk import drive, family, wrk
from tests.server import Server, server

RULES = {40_000: "shipped", 350_000: "any"}
_STARTS = 5
CONSTANT = ("--factory", "benchmarks._constant:app")


def run(arguments: list[str]) -> Mapping[str, object]:
    """Figures of each size and route."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks api")
    parser.add_argument("--films", type=int, nargs="+", default=list(RULES), choices=list(RULES))
    parser.add_argument("--data", type=Path, help="folder that keeps the samples")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--shared-socket", action="store_true", help="workers of one server")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--datasette", action="store_true", help="the same tables by Datasette")
    options = parser.parse_args(arguments)
    wrk()
    named = ("workers", "clients", "shared_socket")
    figures: dict[str, object] = {name: getattr(options, name) for name in named}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in options.films:
            link = sample_build(options.data or folder, count, RULES[count])
            figures[f"{count} films"] = _of_build(folder, link, options)
    return figures


def _start(folder: Path, link: Path) -> Mapping[str, object]:
    """Seconds to the first answer (the median of some starts, and the longest), and memory then."""
    seconds, memory = [], []
    for _ in range(_STARTS):
        with server(folder, link, rate_limits="off") as alone:
            seconds.append(alone.start_seconds)
            memory.append(sum(process.memory_info().rss for process in family(alone)))
            answer = httpx.get(f"{alone.url}/film/search?limit=1")
            assert answer.status_code == 200, answer.text
    return {
        "start_seconds": round(median(seconds), 2),
        "longest_start_seconds": round(max(seconds), 2),
        "resident_mb": round(max(memory) / 1e6),
    }


def _of_build(folder: Path, link: Path, options: argparse.Namespace) -> Mapping[str, object]:
    first = _start(folder, link)
    questions = Questions(link.resolve())
    figures: dict[str, object] = {**first}
    with _servers(folder, link, options) as running:
        for name, asked in {
            "film": questions.film(),
            "similar": questions.similar(),
            "search by person and genre": questions.person_and_genre(),
            "search by any combination": questions.combinations(),
        }.items():
            figures[name] = _beside_constant(running, folder, asked, options)
    if options.datasette:
        figures["datasette"] = datasette_rates(
            folder, link.resolve(), questions, options.workers, options.clients, options.seconds
        )
    figures["microseconds"] = layers(link.resolve())
    return figures


@contextmanager
def _servers(folder: Path, link: Path, options: argparse.Namespace) -> Iterator[Sequence[Server]]:
    """The workers, as servers of their own or of one."""
    each, count = (options.workers, 1) if options.shared_socket else (1, options.workers)
    with ExitStack() as opened:
        yield [
            opened.enter_context(
                server(folder / str(n), link, workers=each, app=CONSTANT, rate_limits="off")
            )
            for n in range(count)
        ]


def _beside_constant(
    running: Sequence[Server], folder: Path, asked: Sequence[Asked], options: argparse.Namespace
) -> Mapping[str, object]:
    size = _mean_size(running[0], asked)
    half = max(2.0, options.seconds / 2)
    constant: list[Asked] = [f"/constant/{size}"]
    drive(running, folder, asked, options.clients, half)  # as it is when it has run for a while
    before = drive(running, folder, constant, options.clients, half)
    found = drive(running, folder, asked, options.clients, options.seconds)
    after = drive(running, folder, constant, options.clients, half)
    reference = (before.rate + after.rate) / 2
    return {
        "requests_per_second": round(found.rate),
        "p50_ms": found.p50,
        "p99_ms": found.p99,
        "longest_ms": found.longest,
        "cpu_us": round(found.cpu),
        "share_of_errors": round(found.without, 3),
        "bytes": size,
        "constant_requests_per_second": round(reference),
        "constant_cpu_us": round((before.cpu + after.cpu) / 2),
        "ratio": round(found.rate / reference, 3),
    }


def _mean_size(running: Server, asked: Sequence[Asked]) -> int:
    with httpx.Client(base_url=running.url, headers={"Accept-Encoding": "identity"}) as client:
        sizes = []
        for one in asked[:200]:
            if isinstance(one, str):
                answer = client.get(one)
            else:
                answer = client.post(one[0], json=json.loads(one[1]))
            assert answer.status_code in (200, 404), answer.text
            sizes.append(len(answer.content))
    return max(2, round(sum(sizes) / len(sizes)))
