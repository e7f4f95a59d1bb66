"""The index of the search as Spark makes it, against the same said in plain Python."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession

from filmkin.catalogue import DETAILS, FILMS, SEARCH_POSTINGS, SEARCH_TERMS
from tests.world import film, search_tables
from workflow.contracts import spark_schema
from workflow.search import found_words, postings, terms

FILMS_OF_ALL_KINDS = [
    film(7, "Amélie", original_title="Le Fabuleux Destin d'Amélie Poulain", persons=["Audrey Tautou"], directors=["Jean-Pierre Jeunet"], writers=["Audrey Tautou"]),
    film(3, "Spider-Man", alternative_titles=["Örümcek Adam", "Spiderman"], genres=["Sci-Fi", "Action"], details={"overview": "The man of the spider, the spider.", "tagline": "With great power", "keywords": ["new york", "spider"]}),
    film(5, None, original_title=None, year=None, genres=[]),
    film(9, "300", year=date(2006, 1, 1), persons=[f"Extra {n}" for n in range(80)], details={"overview": "word " * 40_000}),
    film(11, "It", details={"keywords": []}),
]  # fmt: skip


@pytest.fixture(scope="module")
def found(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Both tables as rows by their keys, made of films in no order in several files."""
    folder = tmp_path_factory.mktemp("search")
    rows = [tuple(one[name] for name in FILMS.column_names) for one in FILMS_OF_ALL_KINDS]
    told = [
        tuple((one["details"] | {"film_id": one["film_id"]})[name] for name in DETAILS.column_names)
        for one in FILMS_OF_ALL_KINDS
        if one["details"]
    ]
    # A film that is not in the catalogue.
    told.append(tuple({"film_id": 99}.get(name) for name in DETAILS.column_names))
    films = spark.createDataFrame(rows, spark_schema(FILMS)).repartition(3)
    details = spark.createDataFrame(told, spark_schema(DETAILS))
    made = postings(found_words(films, details))
    assert made.dtypes == spark.createDataFrame([], spark_schema(SEARCH_POSTINGS)).dtypes
    path = Path(folder, "postings")
    made.write.parquet(str(path))
    every = terms(spark.read.parquet(str(path)), len(rows))
    assert every.dtypes == spark.createDataFrame([], spark_schema(SEARCH_TERMS)).dtypes
    return {
        SEARCH_POSTINGS.name: {
            (r.term, r.field): (r.film_rows, r.positions, r.weights)
            for r in spark.read.parquet(str(path)).collect()
        },
        SEARCH_TERMS.name: {r.term: (r.films, r.idf) for r in every.collect()},
    }


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    films = sorted(FILMS_OF_ALL_KINDS, key=lambda one: int(one["film_id"]))
    return {table.name: columns for table, columns in search_tables(films)}


def test_each_word_stands_where_it_stands(found: dict[str, Any], expected: dict[str, Any]) -> None:
    columns = expected[SEARCH_POSTINGS.name]
    keys = list(zip(columns["term"], columns["field"], strict=True))
    assert set(found[SEARCH_POSTINGS.name]) == set(keys)
    for place, key in enumerate(keys):
        rows, positions, weights = found[SEARCH_POSTINGS.name][key]
        assert rows == columns["film_rows"][place], key
        assert positions == columns["positions"][place], key
        np.testing.assert_allclose(weights, columns["weights"][place], rtol=1e-6)


def test_each_word_is_in_so_many_films(found: dict[str, Any], expected: dict[str, Any]) -> None:
    columns = expected[SEARCH_TERMS.name]
    frequencies = zip(columns["films"], columns["idf"], strict=True)
    assert set(found[SEARCH_TERMS.name]) == set(columns["term"])
    for term, (films, idf) in zip(columns["term"], frequencies, strict=True):
        assert found[SEARCH_TERMS.name][term] == (films, pytest.approx(idf, rel=1e-12))


@pytest.mark.parametrize(
    ("term", "field", "rows", "positions"),
    [
        ("amelie", "title", [2], [0]),
        ("destin", "original_title", [2], [2]),
        ("spiderman", "title", [0], [0]),
        ("spiderman", "alternative_title", [0], [18]),
        ("orumcek", "alternative_title", [0], [0]),
        ("audrey", "person", [2], [0]),
        ("jeanpierre", "person", [2], [18]),
        ("scifi", "genre", [0], [0]),
        ("spider", "overview", [0, 0], [4, 6]),
        ("power", "overview", [0], [25]),
        ("2000s", "year", [0, 2, 3, 4], [17, 17, 17, 17]),
        ("300", "title", [3], [0]),
    ],
)
def test_known_words(
    found: dict[str, Any], term: str, field: str, rows: list[int], positions: list[int]
) -> None:
    assert found[SEARCH_POSTINGS.name][term, field][:2] == (rows, positions)


def test_the_ends_of_very_long_texts_are_without_places(found: dict[str, Any]) -> None:
    rows, positions, _ = found[SEARCH_POSTINGS.name]["word", "overview"]
    assert rows == [3] * 40_000
    assert positions == [min(place, 2**15 - 2) for place in range(40_000)]
