"""A Spark cluster of its own on this machine, and the batch's similarity job on it.

The daemons are Spark's own, a master and workers, each in a process group of its own, bound to
loopback on ports that the system chooses: two clusters at the same time do not meet.
"""

import json
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import luigi

from tasks import CosineSimilarity
from tests.batch import QUICK_SPARK
from tests.programs import PATIENCE, Program
from tests.spark_events import Events
from workflow.java import known_classes
from workflow.submit import spark_environment

P = TypeVar("P", bound=Program)

LOOPBACK = "127.0.0.1"
# Most of a short job is the loading of Spark's classes, a good part of that their verification.
QUICK_JAVA = (
    "-XX:TieredStopAtLevel=1 -XX:+IgnoreUnrecognizedVMOptions"
    " -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
QUICK_CONF = QUICK_SPARK | {
    "spark.executor.extraJavaOptions": QUICK_JAVA,
}


class Worker(Program):
    """A worker of a cluster. Its executors are of its process group, and die with it."""

    def executor(self, application: str) -> str:
        """The id of the one executor that it started for an application."""
        executors = [path.name for path in (self.folder / application).iterdir()]
        assert len(executors) == 1, self._complaint(f"it started executors {executors}")
        return executors[0]


class Job(Program):
    """A driver, which logs what happens to its application."""

    def events(self) -> Events:
        """What has happened so far."""
        return Events(self.folder / "events")

    def figures(self) -> dict[str, Any]:
        """What it reports of its work, once it has ended."""
        figures: dict[str, Any] = json.loads((self.folder / "figures.json").read_text())
        return figures


@dataclass(frozen=True)
class Master:
    """Where a job runs: Spark's URL for it, and what a driver needs to know besides."""

    url: str
    executor_memory: str = "1g"
    conf: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cluster:
    """A master and its workers."""

    master: Master
    workers: list[Worker]


@contextmanager
def cluster(
    folder: Path, workers: int = 2, cores: int = 1, memory: str = "1g"
) -> Iterator[Cluster]:
    """A cluster until the end of the block, `cores` and `memory` to each worker."""
    environment = _daemon_environment(folder)
    with ExitStack() as stack:

        def started(program: P) -> P:
            stack.callback(program.kill)
            return program

        master = started(
            Program("master", _daemon("master.Master"), folder / "master", environment)
        )
        # A worker that comes before it leads is sent away, and waits long before it comes again.
        master.said("I have been elected leader")
        url = master.said(r"Starting Spark master at (spark://\S+)")
        offer = ["--cores", str(cores), "--memory", memory, "--work-dir", ".", url]
        crew = [
            started(Worker(name, _daemon("worker.Worker", *offer), folder / name, environment))
            for name in (f"worker-{number}" for number in range(1, workers + 1))
        ]
        for worker in crew:
            worker.said("Successfully registered with master")
        conf = {
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.ui.enabled": "false",
            # No task begins before every worker is there to take its part.
            "spark.cores.max": str(workers * cores),
            "spark.scheduler.minRegisteredResourcesRatio": "1",
            "spark.scheduler.maxRegisteredResourcesWaitingTime": f"{PATIENCE:g}s",
        }
        python = {"PYSPARK_PYTHON": str(_python_without_the_project(folder))}
        yield Cluster(Master(url, memory, conf, python), crew)


@contextmanager
def similarity_job(
    root: Path,
    out: Path,
    master: Master,
    *,
    driver_memory: str = "1g",
    conf: Mapping[str, str] = QUICK_CONF,
    **settings: object,
) -> Iterator[Job]:
    """The similarity job of a batch in `root`, started; killed at the end of the block.

    It reads root/output/films and writes its folders into `out`, a new folder or an empty one.
    `settings` are those of [similarity].
    """
    events = out / "events"
    events.mkdir(parents=True)
    conf = {**conf, **master.conf, **_event_log(events)}
    spark = {
        "master": master.url,
        "driver_memory": driver_memory,
        "executor_memory": master.executor_memory,
        "conf": "|".join(f"{key}={value}" for key, value in conf.items()),
    }
    command, environment = _similarity_command(root, out, spark=spark, similarity=settings)
    environment |= {"SPARK_LOCAL_IP": LOOPBACK, "SPARK_LOCAL_DIRS": str(out / "local")}
    job = Job("driver", command, out, environment | dict(master.environment))
    try:
        yield job
    finally:
        job.kill()


def _similarity_command(
    root: Path, out: Path, **settings: Mapping[str, object]
) -> tuple[list[str], dict[str, str]]:
    """What the batch itself would run with these settings, by section, and in which environment."""
    paths, sources = {"root": str(root)}, {"imdb": str(root / "sources")}
    with _batch_settings(paths=paths, sources=sources, **settings):
        step = CosineSimilarity()
        step._scratch = out  # where the step has its folders written before they are put in place
        step._classes = known_classes()
        return list(map(str, step.program_args())), step.program_environment()


@contextmanager
def _batch_settings(**sections: Mapping[str, object]) -> Iterator[None]:
    """Settings of the batch for the length of a block."""
    parser = luigi.configuration.get_config()
    before = {name: dict(parser.items(name, raw=True)) for name in parser.sections()}
    parser.read_dict(sections)
    try:
        yield
    finally:
        parser.clear()
        parser.read_dict(before)


def _event_log(folder: Path) -> dict[str, str]:
    """Settings that let a watcher see an event as soon as Spark does."""
    return {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": folder.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.buffer.kb": "1",
    }


def _daemon(name: str, *arguments: str) -> list[str]:
    program = str(Path(sys.executable).with_name("spark-class"))
    ports = ["--host", LOOPBACK, "--port", "0", "--webui-port", "0"]
    return [program, f"org.apache.spark.deploy.{name}", *ports, *arguments]


def _daemon_environment(folder: Path) -> dict[str, str]:
    environment = spark_environment() | {
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": QUICK_JAVA,
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",  # its port would be a fixed one
        # Executors inherit it. One that is killed leaves the native libraries that it unpacked.
        "JAVA_TOOL_OPTIONS": f"-Djava.io.tmpdir={folder}",
        # Where numba keeps what it compiles from the project's archive, whose path is this run's own.
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    environment.pop("PYTHONPATH", None)
    return environment


def _python_without_the_project(folder: Path) -> Path:
    """A Python with the libraries and without the project, as on the machines of a cluster.

    With -S it reads no .pth file, so that a project installed to be edited is not there.
    """
    libraries = ":".join(dict.fromkeys(map(sysconfig.get_path, ("purelib", "platlib"))))
    script = folder / "python"
    script.write_text(
        "#!/bin/sh\n"
        f'export PYTHONPATH="${{PYTHONPATH:+$PYTHONPATH:}}{libraries}"\n'
        f'exec "{sys.executable}" -S "$@"\n'
    )
    script.chmod(0o755)
    return script
