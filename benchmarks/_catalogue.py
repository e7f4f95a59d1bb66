"""Films to measure on, of a folder of IMDb's files or of a generated sample; and memory."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from filmkin.catalogue import DETAILS, SEARCH_POSTINGS, SEARCH_TERMS, FilmRule
from filmkin.prediction.learning import Learning
from filmkin.prediction.trained import Trained
from filmkin.similarity import SimilaritySettings
from tests.cluster import Master, similarity_job
from workflow import load
from workflow.checks import CheckLimits
from workflow.contracts import empty_frame, spark_schema
from workflow.films import credits, films, kept_titles
from workflow.prediction.tables import write_tables
from workflow.sample import generate
from workflow.search import found_words, postings, terms
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


def staged_films(
    spark: SparkSession, source: Path, folder: Path, rule: FilmRule
) -> tuple[DataFrame, DataFrame]:
    """The films of the files in `source`, which are staged below `folder`; and their credits."""
    staged: dict[str, DataFrame] = {}
    for name, table in IMDB.items():
        if not table.optional:
            out = folder / name
            if not out.exists():
                out.mkdir(parents=True)
                stage(source / table.file_name, table, out)
            staged[name] = spark.read.parquet(str(out))
    kept = kept_titles(staged["title.basics"], staged["title.ratings"], rule)
    worked = credits(staged, kept)
    return films(kept, worked), worked


def sample_films(folder: Path, count: int, rule: str) -> Path:
    """The root of a batch that has come as far as its films: the first `count` of a sample.

    A sample that `folder` holds already and that has as many is not made again.
    """
    root = folder / f"{rule}-{count}"
    output = root / "output"
    if not (output / "credits").exists():
        every = _all_films(folder, count, rule)
        table = pq.read_table(every / "films").sort_by("film_id")[:count]
        if len(table) < count:
            raise ValueError(f"the sample has {len(table)} films, not {count}")
        last = pc.max(table["film_id"])
        _write(output / "films", table)
        _write(
            output / "credits",
            pq.read_table(every / "credits", filters=pc.field("film_id") <= last),
        )
    return root


def sample_build(folder: Path, count: int, rule: str) -> Path:
    """The link to a published build of such films, made as the batch makes it."""
    root = sample_films(folder, count, rule)
    link = root / "duckdb" / "films.duckdb"
    if link.exists():
        return link
    return published(root, f"{rule}-{count}")


def published(root: Path, build_id: str, models: Sequence[Trained] = ()) -> Path:
    """The link to a build of the films that a batch in `root` has come as far as, and of models."""
    link, output = root / "duckdb" / "films.duckdb", root / "output"
    settings = SimilaritySettings()
    asked = {"max_similar": settings.max_similar, "whole_up_to": settings.whole_up_to}
    master = Master(f"local[{CORES}]")
    with similarity_job(root, output, master, driver_memory="4g", conf={}, **asked) as job:
        job.wait(seconds=3600)
    provenance = load.Provenance(
        build_id=build_id,
        created=datetime.now(UTC),
        code_version="benchmark",
        parameters={},
        min_similarity=settings.min_similarity,
        max_similar=settings.most_of(_rows(output / "films")),
        sources=[],
    )
    file = load.build_file(link.parent / "builds", provenance.build_id)
    told = output / "details"
    of_films = (output / "films", output / "credits", told if told.exists() else None)
    load.create_films(file, *of_films, provenance)
    features, tokens = output / "film_features", output / "tokens"
    load.create_similarity(file, output / "csfilms", features, tokens)
    with spark_session_of("4g") as spark:
        load.create_search(file, *search_index(spark, output))
    load.create_prediction(file, write_tables(models, Learning(), output))
    load.create_recommender(file, {})
    load.check_build(file, CheckLimits())
    load.publish(file, link, keep=None)
    return link


def search_index(spark: SparkSession, output: Path) -> tuple[Path, Path]:
    """The parquet of the search's postings and terms, made of films and details in `output`."""
    of_postings, of_terms = output / SEARCH_POSTINGS.name, output / SEARCH_TERMS.name
    films = spark.read.parquet(str(output / "films"))
    if (output / "details").exists():
        details = spark.read.parquet(str(output / "details"))
    else:
        details = empty_frame(spark, spark_schema(DETAILS))
    postings(found_words(films, details)).write.parquet(str(of_postings))
    terms(spark.read.parquet(str(of_postings)), films.count()).write.parquet(str(of_terms))
    return of_postings, of_terms


def _all_films(folder: Path, count: int, rule: str) -> Path:
    """A folder with the parquet of films and credits of a sample that has `count` or more."""
    film_rule, share = RULES[rule]
    every = folder / f"{rule}-films"
    if (every / "credits").exists() and _rows(every / "films") >= count:
        return every
    titles = int(count / share) + 10_000
    sample = folder / f"sample-{titles}"
    generate(titles=titles, seed=1, out=sample)
    with spark_session_of("8g") as spark:
        tables = staged_films(spark, sample, folder / f"staged-{titles}", film_rule)
        for name, frame in zip(("films", "credits"), tables, strict=True):
            frame.write.mode("overwrite").parquet(str(every / name))
    return every


def _rows(parquet: Path) -> int:
    return int(pq.read_table(parquet, columns=["film_id"]).num_rows)


def _write(folder: Path, table: pa.Table) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "part-0.parquet")


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
