"""The cross join beside sparse_dot_topn, on the same matrix in the same run.

The films are the movies of a generated sample, whatever their rating: the first N by film_id. Both
sides compute every pair at or above the floor; the reference keeps the 200 best of a film.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from scipy.sparse import csr_matrix
from sparse_dot_topn import sp_matmul_topn

from filmkin.catalogue import FilmRule
from filmkin.features import FieldShares, FilmColumns, FilmFeatures, Ragged, film_features
from workflow.films import films
from workflow.sample import generate
from workflow.similarity import film_columns, similarity_pairs
from workflow.sources import IMDB
from workflow.spark import spark_session
from workflow.staging import stage

MOVIE_SHARE = 0.0593  # of the sample's titles, as of IMDb's
REFERENCE_TOP = 200
THREADS = 2


def run(arguments: list[str]) -> Mapping[str, object]:
    """films, nnz, pairs, seconds of both sides (medians of `--runs`), and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks similarity")
    parser.add_argument("--films", type=int, default=40_000)
    parser.add_argument("--floor", type=float, default=0.1)
    parser.add_argument("--block", type=int, default=512)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory() as folder,
        spark_session("benchmark", f"local[{THREADS}]", {"spark.driver.memory": "4g"}) as spark,
    ):
        features = sample_features(spark, Path(folder), options.films)
        ours, reference = [], []
        for _ in range(options.runs):
            begin = time.perf_counter()
            pairs = similarity_pairs(spark, features, options.floor, options.block).count()
            ours.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            kept = reference_pairs(features, options.floor)
            reference.append(time.perf_counter() - begin)
    seconds, reference_seconds = float(np.median(ours)), float(np.median(reference))
    return {
        "films": len(features.film_ids),
        "nnz": features.matrix.nnz,
        "pairs": pairs,
        "seconds": round(seconds, 3),
        "reference": f"sparse_dot_topn, {REFERENCE_TOP} best, {THREADS} threads",
        "reference_pairs": kept,
        "reference_seconds": round(reference_seconds, 3),
        "ratio": round(seconds / reference_seconds, 3),
    }


def reference_pairs(features: FilmFeatures, floor: float) -> int:
    """How many pairs the reference keeps, a film with itself left out."""
    matrix = csr_matrix(features.matrix)  # it knows the older of SciPy's two classes only
    product = sp_matmul_topn(
        matrix, matrix.T.tocsr(), top_n=REFERENCE_TOP, threshold=floor, sort=True, n_threads=THREADS
    )
    return int(product.nnz - len(features.film_ids))


def sample_features(spark: SparkSession, folder: Path, count: int) -> FilmFeatures:
    """The first `count` movies of a sample that has a few more of them."""
    generate(titles=int(count / MOVIE_SHARE * 1.02) + 1000, seed=1, out=folder / "sample")
    staged: dict[str, DataFrame] = {}
    for name, table in IMDB.items():
        if not table.optional:
            out = folder / "staged" / name
            out.mkdir(parents=True)
            stage(folder / "sample" / table.file_name, table, out)
            staged[name] = spark.read.parquet(str(out))
    rule = FilmRule(min_rating=0, min_votes=0, min_genres=0)
    return film_features(_first(film_columns(films(staged, rule)), count), FieldShares())


def _first(columns: FilmColumns, count: int) -> FilmColumns:
    def head(ragged: Ragged) -> Ragged:
        offsets = ragged.offsets[: count + 1]
        return Ragged(ragged.values[: offsets[-1]], offsets)

    people = head(columns.person_ids)
    return FilmColumns(
        columns.film_ids[:count],
        columns.titles[:count],
        head(columns.genres),
        columns.ratings[:count],
        people,
        columns.person_names[: people.offsets[-1]],
    )
