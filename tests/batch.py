"""Runs of the batch as its users start it: Luigi's own command, in a root of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil

from tests.programs import Program

ROOT = Path(__file__).parents[1]
LUIGI = Path(sys.executable).with_name("luigi")
# A job of a second is over before a second task has paid for itself.
QUICK_SPARK = {"spark.sql.shuffle.partitions": "2"}
# Of so few films nothing can be learnt, and a Java takes as long to say so as all other jobs.
_NO_PREDICTION = ("--prediction-targets", "none")
# luigi.cfg's [retcode]
TASK_FAILED, SCHEDULING_ERROR = 30, 35

# What an undisturbed and a disturbed run must agree in; the others say when and how it was built.
TABLES = ("films", "films_cos_sim", "film_features", "tokens", "search_postings", "build_steps")


@dataclass
class Batch:
    """One root folder, and runs of the batch in it, with settings of its own."""

    root: Path
    source: str
    settings: tuple[str, ...] = ()

    def command(self, *arguments: str, task: str = "AllTasks") -> list[str]:
        conf = "|".join(f"{key}={value}" for key, value in QUICK_SPARK.items())
        return [
            str(LUIGI), "--module", "tasks", task, "--local-scheduler",
            "--sources-imdb", self.source, "--paths-root", str(self.root),
            "--spark-master", "local[2]", "--spark-driver-memory", "1g", "--spark-conf", conf,
            *_NO_PREDICTION,
            *self.settings, *arguments,
        ]  # fmt: skip

    def run(
        self,
        *arguments: str,
        task: str = "AllTasks",
        expect: int = 0,
        handicap: Callable[[], None] | None = None,
    ) -> str:
        """Run a task and what it needs; returns the log. `handicap` is called in its process."""
        done = subprocess.run(
            self.command(*arguments, task=task),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=handicap,
        )
        assert done.returncode == expect, done.stderr
        return done.stderr

    def start(self, *arguments: str) -> Program:
        """Start AllTasks, and go on."""
        folder = self.root.with_name(f"{self.root.name}.log")
        return Program("batch", self.command(*arguments), folder, os.environ, cwd=ROOT)

    def processes(self) -> list[psutil.Process]:
        """Those that work in the root, whoever started them."""
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if any(str(self.root) in word for word in process.info["cmdline"] or [])
        ]

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


def contents(batch: Batch) -> dict[str, list[tuple[object, ...]]]:
    """All rows of what is served, but for those that say when and how it was built."""
    return {table: batch.rows(table) for table in TABLES}


def leftovers(root: Path) -> list[Path]:
    """What an attempt that did not come to its end may have left behind."""
    return [path for kind in ("*.tmp", "*.wal", "*.unchecked") for path in root.rglob(kind)]
