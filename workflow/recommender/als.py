"""Spark's alternating least squares, in and out by arrays."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession

from filmkin.arrays import Floats
from filmkin.held_back import RatingData
from workflow.recommender.settings import AlsSettings

# Fixed, for the random start depends on it: a machine with more cores finds the same factors.
_BLOCKS = 4


def write_values(data: RatingData, values: Floats, file: Path) -> None:
    """Person, film and a value (r,) each, for Spark to read."""
    table = {
        "person": data.people.astype(np.int32),
        "film": data.films.astype(np.int32),
        "value": values.astype(np.float32),
    }
    pq.write_table(pa.table(table), file)


def als_of(settings: AlsSettings, seed: int) -> ALS:
    """Spark's own, with these settings."""
    return ALS(
        rank=settings.rank,
        regParam=settings.ridge,
        maxIter=settings.iterations,
        implicitPrefs=settings.alpha is not None,
        alpha=settings.alpha or 1.0,
        numUserBlocks=_BLOCKS,
        numItemBlocks=_BLOCKS,
        userCol="person",
        itemCol="film",
        ratingCol="value",
        seed=seed,
    )


def film_factors(
    spark: SparkSession, file: Path, films: int, settings: AlsSettings, seed: int
) -> Floats:
    """(films, rank) the films' factors of the values in a file; 0 of a film without any."""
    found = als_of(settings, seed).fit(spark.read.parquet(str(file))).itemFactors.toArrow()
    factors = np.zeros((films, settings.rank))
    values = found["features"].combine_chunks().flatten().to_numpy()
    factors[found["id"].to_numpy()] = values.reshape(-1, settings.rank)
    return factors
