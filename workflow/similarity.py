"""The cross join of all films, as a blocked sparse product in Spark.

Each task takes a block of films and compares it with the broadcast index of all films.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession

from filmkin.catalogue import FILM_FEATURES, SIMILARITY, TOKENS, Table
from filmkin.features import FilmColumns, FilmFeatures, Ragged
from filmkin.similarity import blocks, film_index, similar_pairs
from workflow.contracts import select_contract, spark_schema

Batches = Iterator[pa.RecordBatch]

#: The columns of films that features are made of.
FEATURE_COLUMNS = ("film_id", "title", "year", "genres", "rating", "person_ids", "persons")


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


def similarity_pairs(
    spark: SparkSession,
    features: FilmFeatures,
    floor: float,
    block_films: int,
    most: int | None = None,
) -> DataFrame:
    """Every pair at or above `floor`, in both directions, in the SIMILARITY contract.

    With `most`, each film's best that many.
    """
    shared = spark.sparkContext.broadcast((features.film_ids, film_index(features)))

    def pairs_of(start: int, stop: int) -> list[pa.Array]:
        film_ids, index = shared.value
        pairs = similar_pairs(index, start, stop, floor, most)
        return [
            pa.array(film_ids[pairs.rows]),
            pa.array(film_ids[pairs.others]),
            pa.array(pairs.similarities),
        ]

    return _map_blocks(spark, len(features.film_ids), block_films, pairs_of, SIMILARITY)


def feature_rows(spark: SparkSession, features: FilmFeatures, block_films: int) -> DataFrame:
    """The vectors as rows, in the FILM_FEATURES contract."""
    shared = spark.sparkContext.broadcast((features.film_ids, features.matrix))

    def rows_of(start: int, stop: int) -> list[pa.Array]:
        film_ids, matrix = shared.value
        part = matrix[start:stop]
        return [
            pa.array(np.repeat(film_ids[start:stop], np.diff(part.indptr))),
            pa.array(part.indices.astype(np.int32)),
            pa.array(part.data),
        ]

    return _map_blocks(spark, len(features.film_ids), block_films, rows_of, FILM_FEATURES)


def token_rows(spark: SparkSession, features: FilmFeatures) -> DataFrame:
    """What the components stand for, in the TOKENS contract."""
    table = pa.table(
        {
            "token_id": pa.array(np.arange(len(features.token_texts), dtype=np.int32)),
            "field": pa.array(features.token_fields, pa.string()),
            "text": pa.array(features.token_texts, pa.string()),
            "weight": pa.array(features.token_weights, pa.float64()),
        }
    )
    return select_contract(spark.createDataFrame(table), TOKENS)


def _map_blocks(
    spark: SparkSession,
    films: int,
    block_films: int,
    arrays_of: Callable[[int, int], list[pa.Array]],
    table: Table,
) -> DataFrame:
    """One task a block of films; its rows are the arrays that `arrays_of(start, stop)` gives."""
    spans = blocks(films, block_films)
    names = list(table.column_names)

    def of_batches(batches: Iterable[pa.RecordBatch]) -> Batches:
        for batch in batches:
            for block in batch.column("id").to_pylist():
                yield pa.RecordBatch.from_arrays(arrays_of(*spans[block]), names=names)

    numbers = spark.range(0, len(spans), numPartitions=max(1, len(spans)))
    return numbers.mapInArrow(of_batches, spark_schema(table))


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
