"""The real server under load: each route beside a constant body of the same size from the same app.

Uvicorn with N workers, driven on loopback by wrk (Debian: wrk), limits off. A route's ratio is its
requests a second over those of an `async` route behind the same middleware, measured right before
and after it. Ids are uniform over all films, one in ten unknown. `--data DIR` keeps the samples.
"""

import argparse
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil

from benchmarks._catalogue import sample_build
from benchmarks._datasette import datasette_rates
from benchmarks._layers import layers
from benchmarks._questions import Asked, Questions
from tests.server import Server, server

RULES = {40_000: "shipped", 350_000: "any"}
CONSTANT = ("--factory", "benchmarks._constant:app")

_LUA = """
local requests = {%s}
function init() at = %d end
function request()
  at = at %% #requests + 1
  local asked = requests[at]
  if asked[2] == nil then return wrk.format("GET", asked[1]) end
  return wrk.format("POST", asked[1], {["Content-Type"] = "application/json"}, asked[2])
end
"""


class Rate(NamedTuple):
    """What wrk measured: requests a second, milliseconds, CPU microseconds of the server each."""

    rate: float
    p50: float
    p99: float
    cpu: float


def run(arguments: list[str]) -> Mapping[str, object]:
    """Figures of each size and route."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks api")
    parser.add_argument("--films", type=int, nargs="+", default=list(RULES), choices=list(RULES))
    parser.add_argument("--data", type=Path, help="folder that keeps the samples")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--datasette", action="store_true", help="the same tables by Datasette")
    options = parser.parse_args(arguments)
    _wrk()
    figures: dict[str, object] = {"workers": options.workers, "clients": options.clients}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in options.films:
            link = sample_build(options.data or folder, count, RULES[count])
            figures[f"{count} films"] = _of_build(folder, link, options)
    return figures


def _of_build(folder: Path, link: Path, options: argparse.Namespace) -> Mapping[str, object]:
    with server(folder, link, rate_limits="off") as alone:
        answered = httpx.get(f"{alone.url}/film/search?limit=1").elapsed
        first = {"start_seconds": round(alone.start_seconds, 2), "resident_mb": _memory(alone)}
        assert answered
    questions = Questions(link.resolve())
    figures: dict[str, object] = {**first}
    with server(folder, link, workers=options.workers, app=CONSTANT, rate_limits="off") as running:
        time.sleep(_settled(running, options.workers))
        for name, asked in {
            "film": questions.film(),
            "similar": questions.similar(),
            "search by person and genre": questions.person_and_genre(),
            "search by any combination": questions.combinations(),
        }.items():
            figures[name] = _beside_constant(running, folder, asked, options)
    if options.datasette:
        figures["datasette"] = datasette_rates(folder, link.resolve(), questions, options)
    figures["microseconds"] = layers(link.resolve())
    return figures


def _beside_constant(
    running: Server, folder: Path, asked: Sequence[Asked], options: argparse.Namespace
) -> Mapping[str, object]:
    size = _mean_size(running, asked)
    half = max(2.0, options.seconds / 2)
    constant: list[Asked] = [f"/constant/{size}"]
    before = drive(running, folder, constant, options.clients, half)
    found = drive(running, folder, asked, options.clients, options.seconds)
    after = drive(running, folder, constant, options.clients, half)
    reference = (before.rate + after.rate) / 2
    return {
        "requests_per_second": round(found.rate),
        "p50_ms": found.p50,
        "p99_ms": found.p99,
        "cpu_us": round(found.cpu),
        "bytes": size,
        "constant_requests_per_second": round(reference),
        "constant_cpu_us": round((before.cpu + after.cpu) / 2),
        "ratio": round(found.rate / reference, 3),
    }


def drive(
    running: Server, folder: Path, asked: Sequence[Asked], clients: int, seconds: float
) -> Rate:
    """Have wrk ask for so long."""
    lua = folder / "asked.lua"
    load = ["-t1", f"-c{clients}", f"-d{round(seconds)}s", "--latency"]
    lua.write_text(_LUA % (",\n".join(_lua(one) for one in asked), len(asked) // 3))
    before = _cpu(running)
    done = subprocess.run(
        [_wrk(), *load, "-s", lua, running.url], capture_output=True, text=True, check=True
    )
    count = int(_found(r"(\d+) requests in", done.stdout))
    return Rate(
        float(_found(r"Requests/sec:\s+([\d.]+)", done.stdout)),
        _milliseconds(_found(r"\n +50% +(\S+)", done.stdout)),
        _milliseconds(_found(r"\n +99% +(\S+)", done.stdout)),
        (_cpu(running) - before) / count * 1e6,
    )


def _wrk() -> str:
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("wrk is not installed (Debian: apt-get install wrk)")
    return found


def _lua(asked: Asked) -> str:
    parts = (asked,) if isinstance(asked, str) else asked
    return "{" + ", ".join(f"[==[{part}]==]" for part in parts) + "}"


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"wrk said no {pattern}: {text}"
    return found[1]


def _milliseconds(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    assert found, f"wrk wrote a time as {text}"
    return round(float(found[1]) * {"us": 0.001, "ms": 1, "s": 1_000, "m": 60_000}[found[2]], 2)


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


def _family(running: Server) -> list[Any]:
    process = psutil.Process(running.pid)
    return [process, *process.children(recursive=True)]


def _cpu(running: Server) -> float:
    """CPU seconds of the server and its workers so far."""
    return float(sum(p.cpu_times().user + p.cpu_times().system for p in _family(running)))


def _memory(running: Server) -> int:
    return int(sum(process.memory_info().rss for process in _family(running)) / 1e6)


def _settled(running: Server, workers: int) -> float:
    """Seconds until every worker has had time to start, as one of them did."""
    return running.start_seconds if workers > 1 else 0.0
