"""The similarity job as the batch starts it: on one core, on a cluster, on one losing a worker.

In a session, on two cores and in blocks of several sizes: test_similarity.py.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from filmkin.catalogue import FILMS, SIMILARITY
from filmkin.features import FieldShares, film_features
from tests.cluster import Cluster, Job, Master, Worker, cluster, similarity_job
from tests.spark_events import Stage, TaskRun
from tests.world import Film, feature_columns, film, similarity_tables, write_parquet
from workflow.similarity import PAIRS_JOB

FLOOR = 0.1
# On a cluster; each takes a tenth of a second, whatever it computes, and most are still to come
# when the first is seen to be done.
TASKS = 24
FILMS_PER_TASK = 80
BEST = 10

Rows = dict[str, NDArray[Any]]


def made_up_films(count: int) -> list[Film]:
    """Films with words and people of whom few are in many films and many in few."""
    random = np.random.default_rng(1)

    def some(most: int, of: int) -> list[int]:
        numbers = (of * random.random(random.integers(1, most + 1)) ** 3).astype(int)
        return list(dict.fromkeys(numbers.tolist()))

    rows = []
    for n in range(1, count + 1):
        people = some(6, of=4000)
        rows.append(
            film(
                3 * n,
                " ".join(f"word{word}" for word in some(3, of=2000)),
                year=None if n % 40 == 0 else date(int(random.integers(1920, 2025)), 1, 1),
                genres=[f"Genre {genre}" for genre in some(3, of=20)],
                rating=None if n % 50 == 0 else Decimal(int(random.integers(10, 101))) / 10,
                persons=[f"Person {person}" for person in people],
                person_ids=people,
            )
        )
    return rows


@pytest.fixture(scope="module")
def films() -> list[Film]:
    return made_up_films(TASKS * FILMS_PER_TASK)


@pytest.fixture(scope="module")
def root(films: list[Film], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a batch that has come as far as its films."""
    root = tmp_path_factory.mktemp("root")
    columns = {name: [row[name] for row in films] for name in FILMS.column_names}
    write_parquet(root / "output" / "films", FILMS, columns)
    return root


@pytest.fixture(scope="module")
def expected(films: list[Film]) -> Rows:
    """The rows without Spark and without blocks."""
    features = film_features(feature_columns(films), FieldShares())
    tables = {table.name: columns for table, columns in similarity_tables(features, FLOOR)}
    rows: Rows = tables[SIMILARITY.name]
    assert len(rows["similarity"]) > 50_000
    return rows


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as started:
        yield started


def pairs_job(
    root: Path,
    out: Path,
    master: Master,
    block_films: int = FILMS_PER_TASK,
    whole_up_to: int = 10_000,
) -> AbstractContextManager[Job]:
    """The job, asked for all pairs from the floor up of so many films, for each one's best of more."""
    return similarity_job(
        root,
        out,
        master,
        min_similarity=FLOOR,
        max_similar=BEST,
        whole_up_to=whole_up_to,
        block_films=block_films,
    )


def rows_of(job: Job) -> Rows:
    """The rows that a job wrote: those of a film together, in the order in which they are stored."""
    files = sorted((job.folder / "csfilms").glob("part-*"))
    table = pa.concat_tables(pq.read_table(file) for file in files)
    order = np.argsort(table["film_id"].to_numpy(), kind="stable")
    return {name: table[name].to_numpy()[order] for name in table.column_names}


def best(rows: Rows, most: int) -> Rows:
    """The first rows of each film, `most` of them."""
    starts, counts = np.unique(rows["film_id"], return_index=True, return_counts=True)[1:]
    place = np.arange(len(rows["film_id"])) - np.repeat(starts, counts)
    return {name: column[place < most] for name, column in rows.items()}


def assert_same_rows(found: Rows, expected: Rows) -> None:
    """To the last bit: there is no NaN and no zero among the similarities."""
    assert list(found) == list(expected)
    for name, column in expected.items():
        np.testing.assert_array_equal(found[name], column, name, strict=True)


def test_one_core_and_a_cluster_give_the_same_rows(
    two_workers: Cluster, root: Path, expected: Rows, tmp_path: Path
) -> None:
    with (
        pairs_job(root, tmp_path / "one", Master("local[1]"), block_films=512) as one,
        pairs_job(root, tmp_path / "cluster", two_workers.master) as many,
    ):
        one.wait()
        many.wait()
    assert_same_rows(rows_of(one), expected)
    assert_same_rows(rows_of(many), expected)
    stage = stage_of(many)
    assert stage.tasks == TASKS
    for worker in two_workers.workers:
        assert stage.done_by(executor_of(worker, many)), f"{worker.name} took part"


def test_a_worker_that_dies_midway_changes_no_row(
    two_workers: Cluster, root: Path, expected: Rows, tmp_path: Path
) -> None:
    """The last test, for it leaves one worker. Here a film stores no more than its best few."""
    capped = best(expected, BEST)
    assert len(capped["film_id"]) < len(expected["film_id"]) / 2
    with pairs_job(root, tmp_path, two_workers.master, whole_up_to=0) as job:
        worker = job.until("a task that is done", lambda: at_work(two_workers, job))
        dead = executor_of(worker, job)
        # Frozen, it cannot end the task that it has, nor can the stage: the kill is in its midst.
        worker.freeze()
        job.until("a task on the frozen worker", lambda: in_hand(dead, job))
        killed = time.time()
        worker.kill()
        job.wait()
    assert_same_rows(rows_of(job), capped)

    stage, removed = stage_of(job), job.events().removed_executors()
    (alive,) = {run.executor for run in stage.runs} - {dead}
    assert list(removed) == [dead]
    assert stage.completed
    assert killed < removed[dead] < stage.completed
    assert stage.done_by(dead), "it took part"
    assert stage.lost_by(dead), "and died with a task in hand"
    assert any(run.launched > killed for run in stage.done_by(alive)), "which another did again"


def stage_of(job: Job) -> Stage:
    """The stage that computes and writes the pairs."""
    stage = job.events().stage_of(PAIRS_JOB)
    assert stage
    return stage


def executor_of(worker: Worker, job: Job) -> str:
    """The executor that a worker started for a job."""
    application = job.events().application
    assert application
    return worker.executor(application)


def in_hand(executor: str, job: Job) -> list[TaskRun]:
    """The tasks that an executor is at, while the stage runs."""
    stage = stage_of(job)
    assert not stage.completed, "the stage was too short to be watched"
    return stage.running_on(executor)


def at_work(cluster: Cluster, job: Job) -> Worker | None:
    """A worker that has done a task of the stage, as soon as there is one."""
    stage = job.events().stage_of(PAIRS_JOB)
    done = [w for w in cluster.workers if stage and stage.done_by(executor_of(w, job))]
    return done[0] if done else None
