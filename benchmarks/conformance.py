"""The service against its own OpenAPI document: thousands of requests of all kinds, all checks.

`--data DIR` keeps the sample; `--examples N` is how many values of each kind an operation gets.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks._catalogue import sample_build
from tests.conformance import conformance
from tests.server import server
from tests.service import with_ratings

FILMS = 40_000
_LEAST = 3_000


def run(arguments: list[str]) -> Mapping[str, object]:
    """Figures of the whole."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks conformance")
    parser.add_argument("--data", type=Path, help="folder that keeps the sample")
    parser.add_argument("--examples", type=int, default=200)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        link = sample_build(options.data or folder, FILMS, "shipped")
        with server(folder, link, rate_limits="off", **with_ratings(folder)) as running:
            begun = time.perf_counter()
            found = conformance(running, folder, options.examples)
    return {
        "cases": found.cases,
        "enough_cases": found.cases >= _LEAST,
        "is_kept": found.is_kept,
        "server_errors": found.server_errors,
        "statuses": dict(sorted(found.statuses.items())),
        "seconds": round(time.perf_counter() - begun),
        "found": None if found.is_kept else found.told[-4_000:],
    }
