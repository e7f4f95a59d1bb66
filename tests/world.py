"""Tiny worlds: IMDb-shaped files and builds made of a few rows, each test its own."""

import gzip
import math
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from filmkin.catalogue import (
    CREDITS,
    DETAILS,
    FILM_FEATURES,
    FILMS,
    PREDICTION,
    SEARCH_POSTINGS,
    SEARCH_TERMS,
    SIMILARITY,
    TOKENS,
    TOLD_DETAILS,
    Table,
)
from filmkin.features import FieldShares, FilmColumns, FilmFeatures, Ragged, film_features
from filmkin.prediction.learning import Learning
from filmkin.prediction.trained import Trained
from filmkin.search.fields import LENGTH_COUNTS, occurrences, texts_of
from filmkin.similarity import SimilaritySettings, film_index, similar_pairs
from workflow import load
from workflow.checks import CheckLimits
from workflow.prediction.tables import write_tables
from workflow.sources import IMDB

Film = dict[str, Any]

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)

_ARROW_TYPES = {
    "BOOLEAN": pa.bool_(),
    "JSON": pa.string(),
    "BIGINT[]": pa.list_(pa.int64()),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "FLOAT[]": pa.list_(pa.float32()),
    "SMALLINT[]": pa.list_(pa.int16()),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "DECIMAL(4,2)": pa.decimal128(4, 2),
    "VARCHAR[]": pa.list_(pa.string()),
    "INTEGER[]": pa.list_(pa.int32()),
}


def write_tsv(folder: Path, name: str, rows: Sequence[Mapping[str, Any]]) -> Path:
    """One IMDb file; a column that a row does not name is null."""
    columns = [column.name for column in IMDB[name].columns]
    lines = ["\t".join(columns)]
    lines += ["\t".join(str(row.get(column, r"\N")) for column in columns) for row in rows]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.tsv.gz"
    path.write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode()))
    return path


def film(film_id: int, title: str | None = "A Film", **columns: Any) -> Film:
    """A row of `films`; what is not named is what most films have.

    Under `details`, what details say of it, or None.
    """
    persons = columns.get("persons", [])
    row: Film = {
        "film_id": film_id,
        "title": title,
        "year": date(2000, 1, 1),
        "duration": 100,
        "genres": ["Drama"],
        "rating": Decimal("7.00"),
        "vote_count": 1000,
        "persons": persons,
        "original_title": title,
        "person_ids": [person_id(name) for name in persons],
        "directors": [],
        "writers": [],
        "alternative_titles": [],
        "languages": [],
    }
    details = columns.pop("details", None)
    told = details and {column.name: details.get(column.name) for column in TOLD_DETAILS}
    return row | columns | {"details": told}


def person_id(name: str) -> int:
    """A name is the same person wherever it stands in these worlds."""
    return zlib.crc32(name.encode()) % 2**31


def credits_of(film: Film) -> Iterator[tuple[object, ...]]:
    """Rows of `credits`: the persons are actors as they are billed; who directed and wrote."""
    for billing, (number, name) in enumerate(zip(film["person_ids"], film["persons"], strict=True)):
        yield film["film_id"], number, "actor", billing, billing, name
    for role in ("director", "writer"):
        for position, name in enumerate(film[f"{role}s"]):
            yield film["film_id"], person_id(name), role, position, None, name


def feature_columns(films: Sequence[Film]) -> FilmColumns:
    """The films as the domain takes them, without Spark."""
    films = sorted(films, key=lambda row: int(row["film_id"]))
    ratings = [np.nan if row["rating"] is None else float(row["rating"]) for row in films]
    return FilmColumns(
        np.array([row["film_id"] for row in films], dtype=np.int32),
        [row["title"] for row in films],
        _ragged([row["person_ids"] for row in films], as_text=False),
        [name for row in films for name in row["persons"]],
        _ragged([row["genres"] for row in films], as_text=True),
        np.array(ratings),
        np.array([row["year"].year if row["year"] else np.nan for row in films]),
    )


def publish(
    folder: Path,
    films: Sequence[Film],
    *,
    floor: float = 0.1,
    max_similar: int | None = None,
    shares: FieldShares | None = None,
    build_id: str = "test",
    created: datetime = BEGUN,
    prediction: Sequence[Trained] = (),
    recommendation: Mapping[Table, Path] | None = None,
) -> Path:
    """Build, check and publish a database of these films; returns the link.

    With `max_similar`, each film is stored with that many of its most similar films at most.
    `prediction` are its models, `recommendation` where its tables are, if any.
    """
    features = film_features(feature_columns(films), shares or FieldShares())
    parquet = folder / "parquet"
    ordered = sorted(films, key=lambda row: int(row["film_id"]))
    write_parquet(
        parquet / "films", FILMS, {n: [r[n] for r in ordered] for n in FILMS.column_names}
    )
    credits = [row for one in ordered for row in credits_of(one)]
    by_column = zip(*credits, strict=True) if credits else [()] * len(CREDITS.columns)
    write_parquet(
        parquet / "credits", CREDITS, dict(zip(CREDITS.column_names, by_column, strict=True))
    )
    told = [row["details"] | {"film_id": row["film_id"]} for row in ordered if row["details"]]
    write_parquet(
        parquet / "details", DETAILS, {n: [r[n] for r in told] for n in DETAILS.column_names}
    )
    for table, columns in similarity_tables(features, floor, max_similar):
        write_parquet(parquet / table.name, table, columns)
    for table, columns in search_tables(ordered):
        write_parquet(parquet / table.name, table, columns)
    write_tables(prediction, Learning(), parquet)
    made_from = provenance(build_id, floor, max_similar, created, shares)
    return load_and_publish(folder, made_from, recommendation)


def load_and_publish(
    folder: Path, made_from: load.Provenance, recommendation: Mapping[Table, Path] | None = None
) -> Path:
    """All steps of a build, from the parquet that `publish` left in the folder; returns the link."""
    parquet = folder / "parquet"
    file = load.build_file(folder / "builds", made_from.build_id)
    load.create_films(file, *films_credits_and_details(folder), made_from)
    load.create_similarity(file, *(parquet / t.name for t in (SIMILARITY, FILM_FEATURES, TOKENS)))
    load.create_search(file, *(parquet / t.name for t in (SEARCH_POSTINGS, SEARCH_TERMS)))
    load.create_prediction(file, {table: parquet / table.name for table in PREDICTION})
    load.create_recommender(file, recommendation or {})
    load.check_build(file, CheckLimits())
    link = folder / "films.duckdb"
    load.publish(file, link, keep=3)
    return link


def films_credits_and_details(folder: Path) -> tuple[Path, Path, Path]:
    """The parquet that `publish` leaves of these three tables."""
    parquet = folder / "parquet"
    return parquet / FILMS.name, parquet / CREDITS.name, parquet / DETAILS.name


def provenance(
    build_id: str,
    floor: float = 0.1,
    max_similar: int | None = None,
    created: datetime = BEGUN,
    shares: FieldShares | None = None,
) -> load.Provenance:
    source = {"name": "title.basics.tsv.gz", "url": "made up", "bytes": 1, "sha256": "0" * 64}
    source |= {"etag": None, "last_modified": None, "lines": 1, "rows": 1, "rejected": 0}
    settings = SimilaritySettings(shares or FieldShares(), floor, max_similar or 10**6)
    parameters = {"similarity": settings.as_dict()}
    return load.Provenance(build_id, created, "test", parameters, floor, max_similar, [source])


def similarity_tables(
    features: FilmFeatures, floor: float, max_similar: int | None = None
) -> list[tuple[Table, dict[str, Any]]]:
    """What the similarity job computes, without Spark: each table and its columns."""
    ids, matrix = features.film_ids, features.matrix
    pairs = similar_pairs(film_index(features), 0, len(ids), floor, max_similar)
    rows = np.repeat(ids, np.diff(matrix.indptr))
    return [
        (
            SIMILARITY,
            {
                "film_id": ids[pairs.rows],
                "other_id": ids[pairs.others],
                "similarity": pairs.similarities,
            },
        ),
        (FILM_FEATURES, {"film_id": rows, "token_id": matrix.indices, "weight": matrix.data}),
        (
            TOKENS,
            {
                "token_id": np.arange(len(features.token_texts)),
                "field": features.token_fields,
                "text": features.token_texts,
                "weight": features.token_weights,
            },
        ),
    ]


def search_tables(films: Sequence[Film]) -> list[tuple[Table, dict[str, Any]]]:
    """What the job of the search computes of films by film_id, said again in plain Python."""
    postings: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    lengths: dict[str, dict[int, int]] = defaultdict(dict)
    having: dict[str, set[int]] = defaultdict(set)
    nothing = dict.fromkeys(("keywords", "overview", "tagline"))
    for row, one in enumerate(films):
        year = one["year"] and one["year"].year
        texts = texts_of(one | nothing | (one["details"] or {}) | {"year": year})
        for term, field, position, length in occurrences(texts):
            postings[term, field].append((row, position, length))
            lengths[field][row] = length
            having[term].add(row)
    means = {field: sum(of.values()) / len(of) for field, of in lengths.items()}

    def weight(field: str, length: int) -> float:
        b = LENGTH_COUNTS[field]
        return 1 / (1 - b + b * length / means[field])

    found = [(key, sorted(postings[key])) for key in sorted(postings)]
    n = len(films)
    return [
        (
            SEARCH_POSTINGS,
            {
                "term": [term for (term, _), _ in found],
                "field": [field for (_, field), _ in found],
                "film_rows": [[row for row, _, _ in places] for _, places in found],
                "positions": [[position for _, position, _ in places] for _, places in found],
                "weights": [[weight(f, length) for *_, length in ps] for (_, f), ps in found],
            },
        ),
        (
            SEARCH_TERMS,
            {
                "term": sorted(having),
                "films": [len(having[term]) for term in sorted(having)],
                "idf": [
                    math.log1p((n - len(having[term]) + 0.5) / (len(having[term]) + 0.5))
                    for term in sorted(having)
                ],
            },
        ),
    ]


def write_parquet(folder: Path, table: Table, columns: Mapping[str, Any]) -> None:
    """A table as the folder of parquet that a step of the batch leaves."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {c.name: pa.array(columns[c.name], _ARROW_TYPES[c.type]) for c in table.columns}
    pq.write_table(pa.table(arrays), folder / "part-0.parquet")


def _ragged(lists: Sequence[Sequence[Any]], *, as_text: bool) -> Ragged:
    offsets = np.cumsum([0, *(len(values) for values in lists)]).astype(np.int64)
    flat = [value for values in lists for value in values]
    return Ragged(flat if as_text else np.array(flat, dtype=np.int64), offsets)
