"""What several tests share: one Spark session, and the folder of real data where it is named."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

from workflow.spark import spark_session

# How long an example takes says nothing here: the first one compiles.
settings.register_profile("filmkin", deadline=None)
settings.load_profile("filmkin")

# A job of a second is over before a second task has paid for itself.
QUICK_SPARK = {"spark.sql.shuffle.partitions": "2"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-faults", action="store_true", help="the heavy tests as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without --all-faults, the tests that are marked as heavy are not among the selected."""
    if not config.getoption("--all-faults"):
        heavy = [item for item in items if item.get_closest_marker("heavy")]
        items[:] = [item for item in items if item not in heavy]
        config.hook.pytest_deselected(items=heavy)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    with spark_session("tests", "local[2]", QUICK_SPARK) as session:
        yield session


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder FILMKIN_REAL_DATA names, with imdb5000/ in it."""
    folder = os.environ.get("FILMKIN_REAL_DATA")
    if not folder:
        pytest.skip("FILMKIN_REAL_DATA names no folder of real data")
    return Path(folder)
