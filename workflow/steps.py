"""The kinds of tasks the graph is made of.

A step knows the fingerprint of the data it is asked for: a hash of its code, its parameters and the
fingerprints of what it requires, down to the content of the source files. Its targets are complete
only with that fingerprint, so that another source, rule or setting makes the steps behind it
incomplete, and nothing else.
"""

import hashlib
import json
import logging
import os
import signal
import time
import zipfile
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any, ClassVar

import luigi
from luigi.contrib.spark import SparkSubmitTask
from luigi.task import flatten

from filmkin.errors import BuildError, FilmkinError
from workflow import config
from workflow.claim import claim
from workflow.code_version import code_version
from workflow.java import shared_classes
from workflow.processes import interruptible, run_program
from workflow.runs import Done, noted
from workflow.scratch import scratch_folder
from workflow.storage import clear_storage_errors, storage_error
from workflow.submit import spark_environment, spark_settings, spark_submit
from workflow.targets import FolderTarget

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[1]


def digest(value: Any) -> str:
    """A hash of a value that JSON can say."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


class Step(luigi.Task):
    """A task with a fingerprint. `code` names the modules whose text decides the result."""

    code: ClassVar[tuple[str, ...]]

    def parameters(self) -> Mapping[str, Any]:
        """The settings that decide the result."""
        return {}

    def fingerprint(self) -> str | None:
        """What the result is made from, or None while a source is not there."""
        with _one_question() as known:
            upstream = []
            for task in flatten(self.requires()):
                if task.task_id not in known:
                    known[task.task_id] = task.fingerprint()
                upstream.append(known[task.task_id])
        if any(fingerprint is None for fingerprint in upstream):
            return None
        return digest([self.task_family, code_version(*self.code), self.parameters(), upstream])

    @abstractmethod
    def work(self) -> Mapping[str, Any]:
        """Make the result; returns figures for the log, `rows` and `rejected` among them."""

    def reads(self) -> "list[FolderStep]":
        """The steps whose folders are read."""
        return [task for task in flatten(self.requires()) if isinstance(task, FolderStep)]

    def rows_in(self) -> int | None:
        """The rows that the result is made of, as far as anyone counts them."""
        records = [step.output()[-1].record for step in self.reads()]
        return sum(record.figures["rows"] for record in records if record) if records else None

    def where(self) -> list[Path]:
        """Where the result is."""
        return []

    def run(self) -> None:
        _claim_root()
        # What is upstream may have been made again and come out the same.
        if self.complete():
            log.info("%s: what is there is what was asked for", self)
            return
        name = " ".join([self.task_family, *self.to_str_params(only_significant=True).values()])
        with at_work(name) as done:
            begin = time.monotonic()
            for step in self.reads():
                for target in step.output():
                    target.prove()
            figures = self.work()
            done.rows_in, done.rows_out = self.rows_in(), figures.get("rows")
            done.rejected = figures.get("rejected")
            done.where = [os.path.relpath(path, config.paths().folder) for path in self.where()]
        shown = ", ".join(f"{name} {value}" for name, value in figures.items())
        log.info("%s: %.1f s. %s", self, time.monotonic() - begin, shown)


_known: ContextVar[dict[str, str | None] | None] = ContextVar("known", default=None)


@contextmanager
def _one_question() -> Iterator[dict[str, str | None]]:
    """The fingerprints that were found since the outermost block began.

    Many ways lead to a source; within one question it is looked at once.
    """
    known = _known.get()
    if known is not None:
        yield known
        return
    token = _known.set(known := {})
    try:
        yield known
    finally:
        _known.reset(token)


@contextmanager
def at_work(name: str) -> Iterator[Done]:
    """A task at work in the root, alone: what becomes of it is noted under this name.

    Interrupts end it, and what a disk refuses is said clearly.
    """
    root = _claim_root()
    with noted(root, name) as done, clear_storage_errors(), interruptible():
        yield done


def _claim_root() -> Path:
    root = config.paths().folder
    with clear_storage_errors():
        claim(root)
    return root


class FolderStep(Step):
    """A step that writes folders of parquet under output/, all of them or none."""

    #: names of the folders under `parent`
    folders: ClassVar[tuple[str, ...]]

    @property
    def parent(self) -> Path:
        return config.paths().parquets

    def output(self) -> list[FolderTarget]:
        fingerprint = self.fingerprint()
        return [FolderTarget(self.parent / name, fingerprint) for name in self.folder_names()]

    def folder_names(self) -> tuple[str, ...]:
        return self.folders

    def where(self) -> list[Path]:
        return [self.parent / name for name in self.folder_names()]

    @abstractmethod
    def make(self, scratch: Path) -> Mapping[str, Any]:
        """Write each folder below `scratch`; returns figures, which the record keeps."""

    def work(self) -> Mapping[str, Any]:
        targets = self.output()
        with scratch_folder(self.parent, self.task_family) as scratch:
            figures = self.make(scratch)
            if self.fingerprint() != targets[0].fingerprint:
                raise BuildError(f"{self}: what it was made from changed meanwhile. Run it again.")
            for target in targets:
                target.replace_with(scratch / target.folder.name, figures)
        return figures


class SparkStep(SparkSubmitTask, FolderStep):
    """A folder step made by a spark-submit job of `workflow.jobs`."""

    #: name of the module in workflow/jobs
    job: ClassVar[str]
    #: whether numbers are made in Java, for a minute and more
    computes: ClassVar[bool] = False

    run = FolderStep.run

    @abstractmethod
    def arguments(self, scratch: Path) -> list[str]:
        """The arguments of the job, which writes the folders below `scratch`."""

    def make(self, scratch: Path) -> Mapping[str, Any]:
        self._scratch = scratch
        log.info("%s: on Spark, %s", self.name, self.master)
        try:
            with shared_classes() as self._classes:
                run_program(list(map(str, self.program_args())), self.program_environment())
        except CalledProcessError as error:
            told = config.paths().folder / f".{self.name}.log"
            with suppress(OSError):
                told.write_text(str(error.stderr), encoding="utf-8")
            said = f"{self.name}: Spark failed: {_cause(error)} (all that it said is in {told})"
            raise storage_error(str(error.stderr)) or FilmkinError(said) from None
        figures: dict[str, Any] = json.loads((scratch / "figures.json").read_text())
        return figures

    @property
    def name(self) -> str:
        return str(self.task_family)

    @property
    def app(self) -> str:
        return str(_ROOT / "workflow" / "jobs" / f"{self.job}.py")

    def app_options(self) -> list[str]:
        return self.arguments(self._scratch)

    @property
    def spark_submit(self) -> str:
        return spark_submit()

    def program_environment(self) -> dict[str, str]:
        return spark_environment()

    @property
    def master(self) -> str:
        return str(config.spark().master)

    @property
    def driver_memory(self) -> str:
        return str(config.spark().driver_memory)

    @property
    def executor_memory(self) -> str:
        return str(config.spark().executor_memory)

    @property
    def conf(self) -> dict[str, str]:
        settings = spark_settings(self.master, self._classes, self._scratch, computes=self.computes)
        extra = str(config.spark().conf)
        return settings | (self._dict_config(extra) or {})

    @property
    def py_files(self) -> list[str] | None:
        """The rooms that a worker on another machine imports."""
        if self.master.startswith("local"):
            return None
        archive = self._scratch / "rooms.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for room in ("filmkin", "workflow"):
                for module in sorted((_ROOT / room).rglob("*.py")):
                    file.write(module, module.relative_to(_ROOT))
        return [str(archive)]


def _cause(error: CalledProcessError) -> str:
    """What killed Spark, or of what it said the line that tells most: the last error, if any."""
    if error.returncode < 0:
        return f"it was killed ({signal.Signals(-error.returncode).name})"
    lines = [line.strip() for line in str(error.stderr).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith("at ")]  # the frames of Java's traces
    errors = [line for line in told if "Error" in line or "Exception" in line]
    return (errors or told or ["it said nothing"])[-1][:1000]
