"""Runs of the batch as its users start it: Luigi's own command, in a root of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tests.conftest import QUICK_SPARK

ROOT = Path(__file__).parents[1]
LUIGI = Path(sys.executable).with_name("luigi")
# luigi.cfg's [retcode]
TASK_FAILED, SCHEDULING_ERROR = 30, 35

# What an undisturbed and a disturbed run must agree in; the others say when and how it was built.
TABLES = ("films", "films_cos_sim", "film_features", "tokens", "build_steps")


@dataclass
class Batch:
    """One root folder, and runs of the batch in it."""

    root: Path
    source: str

    def command(self, *arguments: str, task: str = "AllTasks") -> list[str]:
        conf = "|".join(f"{key}={value}" for key, value in QUICK_SPARK.items())
        return [
            str(LUIGI), "--module", "tasks", task, "--local-scheduler",
            "--sources-imdb", self.source, "--paths-root", str(self.root),
            "--spark-master", "local[2]", "--spark-driver-memory", "1g", "--spark-conf", conf,
            *arguments,
        ]  # fmt: skip

    def run(self, *arguments: str, task: str = "AllTasks", expect: int = 0) -> str:
        """Run a task and what it needs; returns the log."""
        done = subprocess.run(
            self.command(*arguments, task=task),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expect, done.stderr
        return done.stderr

    def kill_while(self, pattern: str) -> None:
        """Start AllTasks, and kill -9 it once a file of that pattern is there."""
        # Without standard pipes: a JVM that outlives its parent must not hold the test up.
        process = subprocess.Popen(
            self.command(),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 300
        while not any(self.root.glob(pattern)):
            assert process.poll() is None, f"over before there was {pattern}"
            assert time.monotonic() < deadline, f"there never was {pattern}"
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @property
    def link(self) -> Path:
        return self.root / "duckdb" / "films.duckdb"

    def rows(self, table: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.link.resolve()), read_only=True) as database:
            return database.execute(f"FROM {table} ORDER BY ALL").fetchall()


def ran(log: str) -> set[str]:
    """The tasks that did work, by name, from the log; StageDataset with the name of its file."""
    steps = re.findall(r"INFO +([A-Z]\w+)\((?:name=)?([^)]*)\): [\d.]+ s\.", log)
    files = re.findall(r"INFO +([a-z.]+\.tsv\.gz): \d+ bytes", log)
    return {" ".join(filter(None, step)) for step in steps} | set(files)
