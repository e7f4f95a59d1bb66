"""The cross join of all films, as a blocked sparse product in Spark.

Each task takes a block of films and compares it with the broadcast index of all films.
"""

import uuid
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark.sql import SparkSession

from filmkin.catalogue import FILM_FEATURES, SIMILARITY, TOKENS
from filmkin.features import FilmColumns, FilmFeatures, Ragged
from filmkin.similarity import blocks, film_index, similar_pairs

#: The columns of films that features are made of.
FEATURE_COLUMNS = ("film_id", "title", "year", "genres", "rating", "person_ids", "persons")

#: What Spark calls the job that computes and writes the pairs.
PAIRS_JOB = "similar pairs"


def film_columns(films: pa.Table) -> FilmColumns:
    """FEATURE_COLUMNS of the films as features are made of them, in ascending order of film_id."""
    table = films.sort_by("film_id").combine_chunks()
    return FilmColumns(
        film_ids=table["film_id"].to_numpy().astype(np.int32),
        titles=table["title"].to_pylist(),
        person_ids=_ragged(table["person_ids"], as_text=False),
        person_names=_list_array(table["persons"]).flatten().to_pylist(),
        genres=_ragged(table["genres"], as_text=True),
        ratings=_numbers(table["rating"]),
        years=_numbers(pc.year(table["year"])),
    )


def write_pairs(
    spark: SparkSession,
    features: FilmFeatures,
    floor: float,
    block_films: int,
    folder: Path,
    most: int | None = None,
) -> int:
    """Write every pair at or above `floor`, in both directions, in the SIMILARITY contract.

    With `most`, each film's best that many. Each task writes the file of its block into `folder`,
    which all workers must see, under a name of its own and then under the block's: a task that is
    done again elsewhere writes the same file again. Returns how many pairs there are.
    """
    # Spark's own writer takes a row at a time, and longer for it than the pairs take to compute.
    folder.mkdir()
    shared = spark.sparkContext.broadcast((features.film_ids, film_index(features)))
    spans = blocks(len(features.film_ids), block_films) or [(0, 0)]  # a file there is always

    def write(block: int) -> int:
        film_ids, index = shared.value
        pairs = similar_pairs(index, *spans[block], floor, most)
        columns = [film_ids[pairs.rows], film_ids[pairs.others], pairs.similarities]
        whole = folder / f"part-{block:05}.parquet"
        begun = folder / f".{whole.name}.{uuid.uuid4().hex}.tmp"
        table = pa.table(columns, names=SIMILARITY.column_names)
        pq.write_table(table, begun, use_dictionary=["film_id"])  # the others hardly repeat
        begun.replace(whole)
        return len(pairs.rows)

    spark.sparkContext.setJobDescription(PAIRS_JOB)
    counts = spark.sparkContext.range(len(spans), numSlices=len(spans)).map(write).collect()
    for left in folder.glob(".*.tmp"):  # by a worker that died
        left.unlink()
    return sum(counts)


def feature_table(features: FilmFeatures) -> pa.Table:
    """The vectors as rows, in the FILM_FEATURES contract."""
    matrix = features.matrix
    return pa.table(
        {
            "film_id": np.repeat(features.film_ids, np.diff(matrix.indptr)),
            "token_id": matrix.indices.astype(np.int32),
            "weight": matrix.data,
        }
    ).select(FILM_FEATURES.column_names)


def token_table(features: FilmFeatures) -> pa.Table:
    """What the components stand for, in the TOKENS contract."""
    return pa.table(
        {
            "token_id": np.arange(len(features.token_texts), dtype=np.int32),
            "field": pa.array(features.token_fields, pa.string()),
            "text": pa.array(features.token_texts, pa.string()),
            "weight": features.token_weights,
        }
    ).select(TOKENS.column_names)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _list_array(column: pa.ChunkedArray) -> pa.ListArray:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _ragged(column: pa.ChunkedArray, *, as_text: bool) -> Ragged:
    lists = _list_array(column)
    values = lists.flatten()
    lengths = lists.value_lengths().to_numpy()
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    if as_text:
        return Ragged(values.to_pylist(), offsets)
    return Ragged(values.to_numpy(zero_copy_only=False).astype(np.int64), offsets)
