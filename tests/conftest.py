"""What several tests share: one Spark session, a finished root, the folder of real data if named."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from pyspark.sql import SparkSession

from tests.batch import QUICK_SPARK, Batch
from workflow.sample import generate
from workflow.spark import spark_session

# How long an example takes says nothing here: the first one compiles.
settings.register_profile("filmkin", deadline=None)
settings.load_profile("filmkin")

# Every movie of the sample, rated or not: some two hundred.
EVERY_MOVIE = ("--film-rule-min-rating", "0", "--film-rule-min-votes", "0")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-faults", action="store_true", help="the heavy tests as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without --all-faults, the tests that are marked as heavy are not among the selected."""
    if not config.getoption("--all-faults"):
        heavy = [item for item in items if item.get_closest_marker("heavy")]
        items[:] = [item for item in items if item not in heavy]
        config.hook.pytest_deselected(items=heavy)
    _leave_nobody_waiting(items)


def _leave_nobody_waiting(items: list[pytest.Item]) -> None:
    """Put files in an order in which two processes are busy from the beginning to the end.

    The first file makes the root that others wait for; those that need none come next, and at
    last the many short ones.
    """
    needs_root = {item.path for item in items if "undisturbed" in getattr(item, "fixturenames", ())}
    first = min(needs_root, default=None)

    def place(item: pytest.Item) -> int:
        if item.path == first:
            return 0
        if {"unit", "browser"} & set(item.path.parts):
            return 3
        return 2 if item.path in needs_root else 1

    items.sort(key=place)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    with spark_session("tests", "local[2]", QUICK_SPARK, computes=True) as session:
        yield session


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder FILMKIN_REAL_DATA names, with imdb5000/ in it."""
    folder = os.environ.get("FILMKIN_REAL_DATA")
    if not folder:
        pytest.skip("FILMKIN_REAL_DATA names no folder of real data")
    return Path(folder)


@pytest.fixture(scope="session")
def once(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[str, Callable[[Path], object]], Path]:
    """Makes a folder once for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent

    def make_once(name: str, make: Callable[[Path], object]) -> Path:
        folder = base / name
        with FileLock(base / f"{name}.lock"):
            if not folder.exists():
                make(base / f"{name}.new")
                (base / f"{name}.new").rename(folder)
        return folder

    return make_once


@pytest.fixture(scope="session")
def sample(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    return once("sample", lambda folder: generate(titles=3000, seed=3, out=folder))


@pytest.fixture(scope="session")
def undisturbed(once: Callable[[str, Callable[[Path], object]], Path], sample: Path) -> Batch:
    """A root in which nothing went wrong. Not to be written in."""
    root = once("undisturbed", lambda root: Batch(root, str(sample), EVERY_MOVIE).run())
    return Batch(root, str(sample), EVERY_MOVIE)
