"""The cross join in Spark against the dense product."""

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from filmkin.catalogue import FILMS, SIMILARITY
from filmkin.features import FieldShares, film_features
from tests.world import feature_columns, film
from workflow.contracts import spark_schema
from workflow.similarity import (
    FEATURE_COLUMNS,
    feature_table,
    film_columns,
    token_table,
    write_pairs,
)

WOODS = [
    film(n * 3, f"{'Ash' if n % 3 else 'Oak'} {'Lake' if n % 2 else 'Hill'}", persons=[f"P{n % 5}", f"Q{n % 7}"][: n % 3],
         genres=["Drama", "War"][: 1 + n % 2], rating=None if n % 11 == 0 else film(1)["rating"])
    for n in range(60, 0, -1)
]  # fmt: skip


@pytest.fixture(scope="module")
def frame(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The films as a folder of parquet, in no order."""
    folder = tmp_path_factory.mktemp("films") / "films"
    rows = [tuple(row[name] for name in FILMS.column_names) for row in WOODS]
    spark.createDataFrame(rows, spark_schema(FILMS)).repartition(3).write.parquet(str(folder))
    return folder


def read(frame: Path) -> pa.Table:
    return pq.read_table(frame, columns=list(FEATURE_COLUMNS))


def test_columns_come_out_of_what_spark_wrote_as_they_are(frame: Path) -> None:
    found, expected = film_columns(read(frame)), feature_columns(WOODS)
    np.testing.assert_array_equal(found.film_ids, expected.film_ids)
    np.testing.assert_array_equal(found.ratings, expected.ratings)
    np.testing.assert_array_equal(found.years, expected.years)
    assert list(found.titles) == list(expected.titles)
    assert list(found.person_names) == list(expected.person_names)
    for ours, theirs in ((found.genres, expected.genres), (found.person_ids, expected.person_ids)):
        assert list(ours.values) == list(theirs.values)
        np.testing.assert_array_equal(ours.offsets, theirs.offsets)


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_pairs_equal_the_dense_product_whatever_the_block(
    spark: SparkSession, frame: Path, block: int, tmp_path: Path
) -> None:
    features = film_features(film_columns(read(frame)), FieldShares())
    dense = np.round(features.matrix.toarray() @ features.matrix.toarray().T, 9)
    np.fill_diagonal(dense, 0)
    expected = [
        (int(features.film_ids[row]), int(features.film_ids[other]), dense[row, other])
        for row in range(len(dense))
        for other in np.lexsort((np.arange(len(dense)), -dense[row]))
        if dense[row, other] >= 0.2
    ]
    count = write_pairs(spark, features, 0.2, block, tmp_path / "csfilms")
    files = sorted((tmp_path / "csfilms").iterdir())
    table = pa.concat_tables(pq.read_table(file) for file in files)
    assert table.column_names == list(SIMILARITY.column_names)
    assert list(map(str, table.schema.types)) == ["int32", "int32", "double"]
    found = [tuple(row.values()) for row in table.to_pylist()]
    assert len(files) == math.ceil(len(WOODS) / block)
    assert count == len(found)
    assert [pair[:2] for pair in found] == [pair[:2] for pair in expected]
    assert [pair[2] for pair in found] == pytest.approx([pair[2] for pair in expected], abs=1e-9)
    assert len(expected) > 100


def test_vectors_and_tokens_go_along(frame: Path) -> None:
    features = film_features(film_columns(read(frame)), FieldShares())
    rows = feature_table(features).to_pylist()
    matrix = features.matrix.tocoo()
    assert [(r["film_id"], r["token_id"], r["weight"]) for r in rows] == [
        (int(features.film_ids[film]), int(token), float(weight))
        for film, token, weight in zip(*matrix.coords, matrix.data, strict=True)
    ]
    tokens = token_table(features).to_pylist()
    assert [(t["field"], t["text"]) for t in tokens] == list(
        zip(features.token_fields, features.token_texts, strict=True)
    )
    assert [t["token_id"] for t in tokens] == list(range(len(tokens)))
