"""wrk (Debian: wrk) drives servers on loopback, each with its share of the clients."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from benchmarks._questions import Asked
from tests.server import Server

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
    """Of all servers: requests a second, milliseconds of the slower one, CPU microseconds each.

    `without` is the share of questions that were not answered, or with status 400 or above.
    """

    rate: float
    p50: float
    p99: float
    longest: float
    cpu: float
    without: float


def wrk() -> str:
    """Where wrk is. Raises SystemExit where it is not."""
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("wrk is not installed (Debian: apt-get install wrk)")
    return found


def drive(
    servers: Sequence[Server], folder: Path, asked: Sequence[Asked], clients: int, seconds: float
) -> Rate:
    """Have so many clients in all ask for so long."""
    assert clients >= len(servers)
    load = ["-t1", f"-c{clients // len(servers)}", f"-d{round(seconds)}s", "--latency"]
    before = _cpu(servers)
    begun = []
    for number, running in enumerate(servers):
        lua = folder / f"asked-{number}.lua"
        start = len(asked) * (number + 1) // (len(servers) + 1)
        lua.write_text(_LUA % (",\n".join(_lua(one) for one in asked), start))
        command = [wrk(), *load, "-s", str(lua), running.url]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    told = [process.communicate()[0] for process in begun]
    assert not any(process.returncode for process in begun)
    count = sum(int(_found(r"(\d+) requests in", text)) for text in told)
    return Rate(
        sum(float(_found(r"Requests/sec:\s+([\d.]+)", text)) for text in told),
        max(_milliseconds(_found(r"\n +50% +(\S+)", text)) for text in told),
        max(_milliseconds(_found(r"\n +99% +(\S+)", text)) for text in told),
        max(_milliseconds(_found(r"Latency +\S+ +\S+ +(\S+)", text)) for text in told),
        (_cpu(servers) - before) / count * 1e6,
        sum(_without(text) for text in told) / count,
    )


def _lua(asked: Asked) -> str:
    parts = (asked,) if isinstance(asked, str) else asked
    return "{" + ", ".join(f"[==[{part}]==]" for part in parts) + "}"


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"wrk said no {pattern}: {text}"
    return found[1]


def _without(text: str) -> int:
    """Answers of status 400 or above, and questions whose connection broke or that timed out."""
    errors = re.findall(r"Non-2xx or 3xx responses: (\d+)", text)
    for line in re.findall(r"Socket errors: (.*)", text):
        errors += re.findall(r"\d+", line)
    return sum(int(error) for error in errors)


def _milliseconds(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    assert found, f"wrk wrote a time as {text}"
    return round(float(found[1]) * {"us": 0.001, "ms": 1, "s": 1_000, "m": 60_000}[found[2]], 2)


def family(running: Server) -> list[Any]:
    """The processes of a server."""
    process = psutil.Process(running.pid)
    return [process, *process.children(recursive=True)]


def _cpu(servers: Sequence[Server]) -> float:
    """CPU seconds of the servers and their workers so far."""
    times = [process.cpu_times() for running in servers for process in family(running)]
    return float(sum(time.user + time.system for time in times))
