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
