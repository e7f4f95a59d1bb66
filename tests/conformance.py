"""The running service against its own OpenAPI document: schemathesis, with all its checks."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.server import ROOT, Server
from tests.service import AS_PROGRAM

_HOOKS = "tests.schemathesis_checks"  # one check in a form of our own, which says why


@dataclass(frozen=True)
class Conformance:
    """How many cases were tried, whether a check failed, and what was answered."""

    cases: int
    is_kept: bool
    statuses: Counter[int]
    told: str

    @property
    def server_errors(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 500)


def conformance(running: Server, folder: Path, examples: int) -> Conformance:
    """Values of all kinds for every operation, so many of each kind; the same each time."""
    before = len(_statuses(running))
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"), "run", f"{running.url}/openapi.json",
            "--checks", "all", "--exclude-checks", "positive_data_acceptance",
            "--max-examples", str(examples), "--seed", "1", "--no-color",
            "--generation-database", "none",
            "--header", "Authorization: {Authorization}".format(**AS_PROGRAM),
        ],
        cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": _HOOKS, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    found = re.search(r"(\d+) generated", done.stdout)
    assert found, done.stdout + done.stderr
    statuses = Counter(_statuses(running)[before:])
    return Conformance(int(found[1]), done.returncode == 0, statuses, done.stdout)


def _statuses(running: Server) -> list[int]:
    """Of all answers so far, by the access log."""
    lines = running.program.log.read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    return [int(line["status"]) for line in told if "status" in line]
