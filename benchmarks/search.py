"""The ranked search: does it find the film that is meant, beside plain BM25 and SQLite's FTS5; and
how long does an answer take?

`--data` names a folder with IMDb's files of some thousand films (imdb5000/) and details of them
(details/). Queries are made of films (`_known_items`); a film is found at a place of the first ten:
MRR is the mean of 1 / place, success@10 the share that is found. The formula was tuned on queries
of another seed. A second catalogue is a generated sample in which 11 % of the films share a title.
`--samples DIR` keeps what is generated.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from api.db.connection import columns
from api.db.postings import fame, read_postings
from benchmarks._catalogue import (
    RULES,
    sample_build,
    sample_films,
    search_index,
    spark_session_of,
    staged_films,
)
from benchmarks._known_items import Known, Typed, known_items, mistyped
from benchmarks._latency import Question, latency
from benchmarks._rankers import TOP, Bm25, Fts5, Ours, TfIdf, TopTen
from filmkin.catalogue import DETAILS
from filmkin.search.fields import LENGTH_COUNTS, texts_of
from filmkin.search.postings import Postings
from filmkin.search.ranking import Formula, Ranker, Scores
from tests.server import server
from workflow.contracts import empty_frame, spark_schema
from workflow.delimited import to_parquet
from workflow.details import details
from workflow.sources import DETAILS_COLUMNS

SIZES = {40_000: "shipped", 350_000: "any"}
_SHARED = 0.11
_SAMPLE = 40_000
# No query of it was looked at while the formula was chosen.
_SEED = 611


def run(arguments: list[str]) -> Mapping[str, object]:
    """Quality on both catalogues, latency at each size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks search")
    parser.add_argument("--data", type=Path, help="without, quality is not measured")
    parser.add_argument("--samples", type=Path, help="folder that keeps the samples")
    parser.add_argument("--queries", type=int, default=1000, help="of each kind")
    parser.add_argument("--films", type=int, nargs="*", default=list(SIZES), choices=list(SIZES))
    options = parser.parse_args(arguments)
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name:
        folder, samples = Path(name), options.samples or Path(name)
        if options.data:
            figures["quality"] = _quality(options.data, folder, samples, options.queries)
        for count in options.films:
            link = sample_build(samples, count, SIZES[count])
            figures[f"{count} films"] = _latency(folder, link)
    return figures


class Catalogue(NamedTuple):
    """Films to be found, and the index of them."""

    films: Sequence[Known]
    postings: Postings
    fame: Scores


def _quality(data: Path, folder: Path, samples: Path, count: int) -> Mapping[str, object]:
    sample = sample_films(samples, _SAMPLE, "shipped") / "output" / "films"
    with spark_session_of("4g") as spark:
        real = _real(spark, data, folder)
        shared = folder / "shared"
        shared.mkdir()
        table = _with_shared_titles(pq.read_table(sample), _SHARED)
        pq.write_table(table, shared / "films.parquet")
        films = spark.read.parquet(str(shared))
        made = _catalogue(films, empty_frame(spark, spark_schema(DETAILS)), folder / "made")
    return {
        "real films": _figures(real, count),
        "sample": _figures(made, count),
        "variants, real films": _variants(real, count),
    }


def _real(spark: SparkSession, data: Path, folder: Path) -> Catalogue:
    films, _ = staged_films(spark, data / "imdb5000", folder / "staged", RULES["any"][0])
    frames = {}
    for name in DETAILS_COLUMNS:
        read = folder / f"{name}.parquet"
        to_parquet(data / "details" / name, read)
        frames[name] = spark.read.parquet(str(read))
    return _catalogue(films, details(frames, DETAILS_COLUMNS), folder / "real")


def _catalogue(films: DataFrame, of_films: DataFrame, folder: Path) -> Catalogue:
    films.write.parquet(str(folder / "films"))
    of_films.write.parquet(str(folder / "details"))
    of_postings, of_terms = search_index(films.sparkSession, folder)
    with duckdb.connect() as database:
        for table, parquet, order in (
            ("films", folder / "films", "film_id"),
            ("details", folder / "details", "film_id"),
            ("search_postings", of_postings, "term, field"),
            ("search_terms", of_terms, "term"),
        ):
            database.execute(
                f"CREATE TABLE {table} AS FROM read_parquet('{parquet}/*.parquet') ORDER BY {order}"
            )
        votes = columns(database, "SELECT coalesce(vote_count::DOUBLE, 'NaN') AS n FROM films")
        postings = read_postings(lambda sql: columns(database, sql))
        found = database.execute(
            "SELECT films.* REPLACE (year(films.year) AS year), keywords, overview, tagline"
            " FROM films LEFT JOIN details USING (film_id) ORDER BY film_id"
        )
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    known = [_known(place, row) for place, row in enumerate(rows)]
    return Catalogue(known, postings, fame(votes["n"]))


def _known(place: int, row: Mapping[str, Any]) -> Known:
    title, votes, overview = row["title"] or "", row["vote_count"] or 0, row["overview"] or ""
    return Known(place, title, row["persons"], row["year"], votes, overview, texts_of(row))


def _with_shared_titles(table: pa.Table, share: float) -> pa.Table:
    """The films, of which that share bears the title of another one, in pairs."""
    random = np.random.default_rng(1)
    drawn = random.permutation(len(table))[: int(len(table) * share) // 2 * 2]
    half = len(drawn) // 2
    for name in ("title", "original_title"):
        titles = table[name].to_pylist()
        for one, other in zip(drawn[:half], drawn[half:], strict=True):
            titles[one] = titles[other]
        table = table.set_column(table.column_names.index(name), name, pa.array(titles))
    return table


def _figures(catalogue: Catalogue, count: int) -> Mapping[str, object]:
    films, postings, known = catalogue
    texts = [film.texts for film in films]
    alike = dict.fromkeys(LENGTH_COUNTS, 1.0)
    rankers: Mapping[str, TopTen] = {
        "ours": Ours(Ranker(postings, known)),
        "TF-IDF * share of words": TfIdf(postings),
        "BM25": Bm25(texts),
        "FTS5": Fts5(texts, alike),
        "FTS5, our weights": Fts5(texts, Formula().fields),
        "FTS5, title * 10": Fts5(texts, alike | {"title": 10.0}),
    }
    items = known_items(films, count, _SEED)
    return {
        kind: {name: _found(ranker, queries) for name, ranker in rankers.items()}
        for kind, queries in items.items()
    }


def _variants(catalogue: Catalogue, count: int) -> Mapping[str, object]:
    """MRR of the formula without each of its parts."""
    films, postings, known = catalogue
    shipped = Formula()
    nothing = (1.0, 0.0, 0.0)
    variants = {
        "shipped": shipped,
        "without titles": replace(shipped, title=0.0),
        "without neighbours": replace(shipped, beside=0.0),
        "without fame": replace(shipped, fame=0.0),
        "without typing errors": replace(shipped, near=nothing, near_known=nothing),
        "fields alike": replace(shipped, fields=dict.fromkeys(LENGTH_COUNTS, 1.0)),
    }
    items = known_items(films, count, _SEED)
    return {
        name: {
            kind: _found(Ours(Ranker(postings, known, formula)), queries)["MRR"]
            for kind, queries in items.items()
        }
        for name, formula in variants.items()
    }


def _found(ranker: TopTen, queries: Sequence[Typed]) -> Mapping[str, float]:
    places = [
        found.index(row) + 1 if row in (found := ranker.top(typed)) else 0 for typed, row in queries
    ]
    reciprocal = [1 / place if place else 0.0 for place in places]
    return {
        "MRR": round(float(np.mean(reciprocal)), 3),
        f"success@{TOP}": round(float(np.mean([place > 0 for place in places])), 3),
    }


def _latency(folder: Path, link: Path) -> Mapping[str, object]:
    """Milliseconds of one client over HTTP, one question after the other."""
    with duckdb.connect(str(link.resolve()), read_only=True) as database:
        rows = database.execute(
            "SELECT title, persons, year(year) FROM films WHERE title IS NOT NULL"
            " AND len(persons) > 0 AND year IS NOT NULL USING SAMPLE 300 ROWS (reservoir, 1)"
        ).fetchall()
    random = np.random.default_rng(1)
    queries, begun = [], []
    for place, (title, persons, year) in enumerate(rows):
        queries += [title, f"{persons[0]} {year}", title[: len(title) * 2 // 3]]
        queries.append(mistyped(title, 1, Random(place)))  # noqa: S311
        begun += [title[: int(random.integers(1, len(title) + 1))], persons[0][:5]]
    with server(folder, link, rate_limits="off", access_log="off") as running:
        return {
            "search": latency(running.url, _asked("/search", queries)),
            "suggest": latency(running.url, _asked("/search/suggest", begun)),
        }


def _asked(path: str, queries: Sequence[str]) -> list[Question]:
    return [Question("GET", f"{path}?{urlencode({'q': typed})}") for typed in queries]
