"""The kinds of tasks the graph is made of.

A step knows the fingerprint of the data it is asked for: a hash of its code, its parameters and the
fingerprints of what it requires, down to the content of the source files. Its targets are complete
only with that fingerprint, so that another source, rule or setting makes the steps behind it
incomplete, and nothing else.
"""

import hashlib
import json
import logging
import time
import zipfile
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import luigi
from luigi.contrib.external_program import ExternalProgramRunError
from luigi.contrib.spark import SparkSubmitTask
from luigi.task import flatten

from filmkin.errors import BuildError, FilmkinError
from workflow import config
from workflow.claim import claim
from workflow.code_version import code_version
from workflow.java import shared_classes
from workflow.scratch import scratch_folder
from workflow.spark import spark_environment, spark_settings, spark_submit
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
        upstream = [task.fingerprint() for task in flatten(self.requires())]
        if any(fingerprint is None for fingerprint in upstream):
            return None
        return digest([self.task_family, code_version(*self.code), self.parameters(), upstream])

    @abstractmethod
    def work(self) -> Mapping[str, Any]:
        """Make the result; returns figures for the log."""

    def run(self) -> None:
        claim(config.paths().folder)
        # What is upstream may have been made again and come out the same.
        if self.complete():
            log.info("%s: what is there is what was asked for", self)
            return
        begin = time.monotonic()
        figures = self.work()
        shown = ", ".join(f"{name} {value}" for name, value in figures.items())
        log.info("%s: %.1f s. %s", self, time.monotonic() - begin, shown)


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

    # The run is logged by the step; the web interface of a job of seconds leads nowhere.
    stream_for_searching_tracking_url = "none"
    run = FolderStep.run

    @abstractmethod
    def arguments(self, scratch: Path) -> list[str]:
        """The arguments of the job, which writes the folders below `scratch`."""

    def make(self, scratch: Path) -> Mapping[str, Any]:
        self._scratch = scratch
        log.info("%s: on Spark, %s", self.name, self.master)
        try:
            with shared_classes() as self._classes:
                SparkSubmitTask.run(self)
        except ExternalProgramRunError as error:
            # Its own text holds the whole environment of the process, secrets included.
            raise FilmkinError(f"{self.name}: spark-submit failed: {_cause(error.err)}") from None
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
        settings = spark_settings(self.master, self._classes)
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


def _cause(stderr: str | None) -> str:
    """The line of Spark's stderr that says most: the last error, else the last line."""
    lines = [line.strip() for line in (stderr or "").splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line or "Exception" in line]
    return (errors or lines or ["it said nothing"])[-1][:1000]
