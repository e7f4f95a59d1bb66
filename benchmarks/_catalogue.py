"""Films to measure on, of a folder of IMDb's files or of a generated sample; and memory."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from filmkin.catalogue import FilmRule
from workflow.films import films
from workflow.sample import generate
from workflow.sources import IMDB
from workflow.spark import spark_session
from workflow.staging import stage

CORES = 2

T = TypeVar("T")

#: which movies are films -> the rule, and their share of a sample's titles, rounded down
RULES = {
    "shipped": (FilmRule(), 0.0037),
    "any": (FilmRule(min_rating=0, min_votes=0, min_genres=0), 0.0592),
}


def spark_session_of(memory: str) -> AbstractContextManager[SparkSession]:
    """A session on this machine, of as many cores as each benchmark is given."""
    return spark_session("benchmark", f"local[{CORES}]", {"spark.driver.memory": memory})


def staged_films(spark: SparkSession, source: Path, folder: Path, rule: FilmRule) -> DataFrame:
    """The films of the files in `source`, which are staged below `folder`."""
    staged: dict[str, DataFrame] = {}
    for name, table in IMDB.items():
        if not table.optional:
            out = folder / name
            if not out.exists():
                out.mkdir(parents=True)
                stage(source / table.file_name, table, out)
            staged[name] = spark.read.parquet(str(out))
    return films(staged, rule)


def sample_films(folder: Path, count: int, rule: str) -> Path:
    """The root of a batch that has come as far as its films: the first `count` of a sample.

    A sample that `folder` holds already and that has as many is not made again.
    """
    root = folder / f"{rule}-{count}"
    if not root.exists():
        table = pq.read_table(_all_films(folder, count, rule)).sort_by("film_id")
        if len(table) < count:
            raise ValueError(f"the sample has {len(table)} films, not {count}")
        part = root / "output" / "films"
        part.mkdir(parents=True)
        pq.write_table(pa.table(table[:count]), part / "part-0.parquet")
    return root


def _all_films(folder: Path, count: int, rule: str) -> Path:
    film_rule, share = RULES[rule]
    kept = folder / f"{rule}-films"
    if kept.exists() and pq.read_table(kept, columns=["film_id"]).num_rows >= count:
        return kept
    titles = int(count / share) + 10_000
    sample = folder / f"sample-{titles}"
    generate(titles=titles, seed=1, out=sample)
    with spark_session_of("8g") as spark:
        frame = staged_films(spark, sample, folder / f"staged-{titles}", film_rule)
        frame.write.mode("overwrite").parquet(str(kept))
    return kept


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds, and what the work returned."""
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


class Memory:
    """The peak of the memory that a process and its children have in RAM together, in bytes.

    What children share with their parent counts once a child.
    """

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._process = psutil.Process(pid)
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._follow)

    def __enter__(self) -> "Memory":
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._watch.join()

    def _follow(self) -> None:
        while not self._ended.wait(0.2):
            self.peak = max(self.peak, self._now())

    def _now(self) -> int:
        total = 0
        try:
            family = [self._process, *self._process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        for process in family:
            try:
                total += int(process.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        return total
