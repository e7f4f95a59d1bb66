"""Twenty publishes of two builds in turn, under load: what it costs requests, memory and files.

Both builds are of the same 40,000 films; in one of them each title begins with a mark, so that an
answer tells which build it is made of. 16 clients ask for films, similar films and searches.
"""

import argparse
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import duckdb
import httpx
import numpy as np
import psutil

from benchmarks._catalogue import sample_build
from benchmarks._load import Answer, Load
from benchmarks._questions import Questions
from tests.server import server

FILMS = 40_000
_MARK = "[two] "
_NAMES = ("one", "two")


def run(arguments: list[str]) -> Mapping[str, object]:
    """Figures of the whole."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks swap")
    parser.add_argument("--data", type=Path, help="folder that keeps the sample")
    parser.add_argument("--publishes", type=int, default=20)
    parser.add_argument("--requests", type=int, default=20_000, help="at least")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = sample_build(options.data or folder, FILMS, "shipped").resolve()
        builds = {name: _build(source, folder, name) for name in _NAMES}
        link = folder / "films.duckdb"
        link.symlink_to(builds["one"])
        return _under_load(folder, link, builds, options)


def _under_load(
    folder: Path, link: Path, builds: Mapping[str, Path], options: argparse.Namespace
) -> Mapping[str, object]:
    questions = Questions(builds["one"])
    paths = questions.film() + questions.similar() + questions.person_and_genre()[:300]
    paths = [path for path in paths if isinstance(path, tuple) or "/100000" not in path]
    with server(folder, link, rate_limits="off", access_log="off") as running:
        process = psutil.Process(running.pid)
        load = Load(running.port, paths, _check, clients=16)
        load.run(seconds=15)  # with what it has read by then it is warm
        warm, files = process.memory_info().rss, len(process.open_files())
        load.milliseconds.clear()
        begun, peak, seen = load.count, warm, []
        with load.running():
            for number in range(options.publishes):
                name = _NAMES[(number + 1) % 2]
                _publish(link, builds[name])
                published = time.monotonic()
                while name not in httpx.get(f"{running.url}/about").json()["build"]["build_id"]:
                    time.sleep(0.01)
                seen.append(time.monotonic() - published)
                least = options.requests * (number + 1) / options.publishes
                while load.count - begun < least:
                    peak = max(peak, process.memory_info().rss)
                    time.sleep(0.02)
        after_swaps = process.memory_info().rss
        time.sleep(5)
        open_files = len(process.open_files())
    took = np.array(load.milliseconds)
    return {
        "publishes": options.publishes,
        "requests": load.count - begun,
        "failed": len(load.failures),
        "first_failures": load.failures[:3],
        "noticed_after_seconds": {
            "median": _rounded(np.median(seen)),
            "longest": _rounded(max(seen)),
        },
        "p50_ms": _rounded(np.median(took)),
        "p99_ms": _rounded(np.quantile(took, 0.99)),
        "longest_ms": _rounded(took.max()),
        "warm_mb": round(warm / 1e6),
        "peak_mb": round(peak / 1e6),
        "after_mb": round(after_swaps / 1e6),
        "files_before": files,
        "files_5_s_after": open_files,
    }


def _check(answer: Answer) -> None:
    """The answer is one, and all of it is of the build that its ETag names."""
    assert answer.status in (200, 404), f"{answer.status}: {answer.body[:200]}"
    if answer.status == 200:
        told = re.match(r'W/"(\w+)-', answer.headers["etag"])
        assert told, answer.headers
        marked = {title.startswith(_MARK) for title in re.findall(r'"title":"([^"]*)', answer.body)}
        assert marked <= {told[1] == "two"}, f"{told[1]}: {answer.body[:200]}"


def _build(source: Path, folder: Path, name: str) -> Path:
    """A copy of a build under an id of its own, in one case with the mark before each title."""
    file = folder / f"films-{name}.duckdb"
    shutil.copy(source, file)
    with duckdb.connect(str(file)) as database:
        database.execute("UPDATE build SET build_id = $1", [name])
        if name == "two":
            database.execute(
                "UPDATE film_documents SET document = replace(document, $1, $2)",
                ['"title":"', f'"title":"{_MARK}'],
            )
    return file


def _publish(link: Path, build: Path) -> None:
    new = link.with_suffix(".new")
    with suppress(FileNotFoundError):
        new.unlink()
    new.symlink_to(build)
    new.replace(link)


def _rounded(number: float) -> float:
    return round(float(number), 2)
