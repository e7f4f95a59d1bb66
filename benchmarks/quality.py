"""How sensible the similarities are: series found again, and agreement with what people like.

`--data` names a folder with IMDb's files of some thousand films (imdb5000/), MovieLens' ratings
(ml-latest-small/) and a list of series (franchises.json). Two figures, each in two halves: the
shares of the fields were chosen by the first halves, the second ones check the choice.
"""

import argparse
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from benchmarks._catalogue import RULES, spark_session_of, staged_films
from filmkin.arrays import Floats
from filmkin.catalogue import SIMILARITY_DECIMALS
from filmkin.features import FieldShares, FilmColumns, Ragged, film_features
from filmkin.text import words
from workflow.similarity import FEATURE_COLUMNS, film_columns

Rows = NDArray[np.int64]

Among = Rows | slice
EVERY = slice(None)


class Similarity(Protocol):
    def __call__(self, rows: Rows, among: Among = EVERY) -> Floats:
        """(k, n) how similar each of k films is to each of n others; dense, mind their number."""


MIN_RATINGS = 20
SHRINKAGE = 20
QUINTILES = 5
TOP = 10


def run(arguments: list[str]) -> Mapping[str, object]:
    """Both figures for the shipped features, for four baselines, and without each field."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality")
    parser.add_argument("--data", type=Path, required=True)
    data: Path = parser.parse_args(arguments).data
    with tempfile.TemporaryDirectory() as folder, spark_session_of("1g") as spark:
        frame, _ = staged_films(spark, data / "imdb5000", Path(folder), RULES["any"][0])
        films = film_columns(frame.select(*FEATURE_COLUMNS).toArrow())
    series = read_series(data / "franchises.json", films.film_ids)
    liking = read_liking(data / "ml-latest-small", films.film_ids)

    def figures(similarity: Similarity) -> dict[str, Mapping[str, float]]:
        return {"series": r_precision(similarity, series), "liking": ndcg(similarity, liking)}

    shipped = FieldShares()
    tokens = list(word_tokens(films))
    return {
        "films": len(films.film_ids),
        "series": len(series),
        "films_liked": len(liking.films),
        "shipped": figures(cosine(film_features(films, shipped).matrix)),
        "words, genres and people": figures(cosine(tf_idf(tokens, plus=1.0))),
        "the same, by Jaccard": figures(jaccard(counts(tokens))),
        "the same, by Euclid": figures(euclid(counts(tokens))),
        "whole titles, genres, ratings and names": figures(
            cosine(tf_idf(raw_tokens(films), plus=0.0))
        ),
        "without": {
            field: figures(cosine(film_features(films, replace(shipped, **{field: 0.0})).matrix))
            for field in shipped.as_dict()
        },
    }


def r_precision(similarity: Similarity, series: Sequence[Rows]) -> Mapping[str, float]:
    """The share of a film's n - 1 siblings among its first n - 1 neighbours; means over films."""
    found: list[list[float]] = [[], []]
    for number, siblings in enumerate(series):
        similarities = similarity(siblings)
        for row, film in enumerate(siblings):
            similarities[row, film] = -1
            first = ranked(similarities[row])[: len(siblings) - 1]
            found[number % 2].append(float(np.isin(first, siblings).mean()))
    return _halves(*found)


class Liking(NamedTuple):
    """What people's ratings say of n films: rows of the catalogue, and (n, n) gains.

    The gain of a film for another is the item-item cosine of their mean-centred ratings, where it
    is above 0; NaN where the two are not compared.
    """

    films: Rows
    gains: Floats


def ndcg(similarity: Similarity, liking: Liking) -> Mapping[str, float]:
    """NDCG@10 of each film's neighbours among those it is compared with; means over films."""
    similarities = similarity(liking.films, liking.films)
    found: list[list[float]] = [[], []]
    for row, gains in enumerate(liking.gains):
        compared = np.flatnonzero(~np.isnan(gains))
        best = _discounted(np.sort(gains[compared])[::-1])
        if best > 0:  # else nobody likes them both
            ours = gains[compared][ranked(similarities[row, compared])]
            found[row % 2].append(_discounted(ours) / best)
    return _halves(*found)


def cosine(matrix: csr_array) -> Similarity:
    """Of films as unit rows: their dot products, rounded as they are stored."""

    def similarity(rows: Rows, among: Among = EVERY) -> Floats:
        products = (matrix[rows] @ matrix[among].T).toarray()
        return np.asarray(np.round(products, SIMILARITY_DECIMALS))

    return similarity


def jaccard(counts: csr_array) -> Similarity:
    """Of films as sets of tokens: those that two share, over those that either has."""
    sets = csr_array((counts > 0).astype(np.float64))
    sizes = np.asarray(sets.sum(axis=1))

    def similarity(rows: Rows, among: Among = EVERY) -> Floats:
        shared = (sets[rows] @ sets[among].T).toarray()
        return np.asarray(shared / np.maximum(sizes[rows][:, None] + sizes[among] - shared, 1))

    return similarity


def euclid(matrix: csr_array) -> Similarity:
    """Of films as points: 1 / (1 + distance)."""
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64)

    def similarity(rows: Rows, among: Among = EVERY) -> Floats:
        products = (matrix[rows] @ matrix[among].T).toarray()
        apart = squares[rows][:, None] + squares[among] - 2 * products
        return np.asarray(1 / (1 + np.sqrt(np.maximum(apart, 0))))

    return similarity


def ranked(similarities: Floats) -> Rows:
    """Positions by similarity descending, then by film."""
    return np.argsort(-similarities, kind="stable")


def read_series(file: Path, film_ids: NDArray[np.int32]) -> list[Rows]:
    """The series, by name, as rows of the catalogue; those of which one film is there are out."""
    by_name = json.loads(file.read_text(encoding="utf-8"))
    series = [_rows_of((int(t[2:]) for t in by_name[name]), film_ids) for name in sorted(by_name)]
    return [rows for rows in series if len(rows) > 1]


def read_liking(folder: Path, film_ids: NDArray[np.int32]) -> Liking:
    """Item-item cosines of mean-centred ratings, n / (n + 20) of them for n people in common.

    Of the films with at least 20 ratings, each compared with those of its quintile of rating
    counts, so that being popular alone is worth nothing.
    """
    links = pa.csv.read_csv(folder / "links.csv")
    ratings = pa.csv.read_csv(folder / "ratings.csv")
    imdb_id = dict(zip(links["movieId"].to_pylist(), links["imdbId"].to_pylist(), strict=True))
    users, user = np.unique(ratings["userId"].to_numpy(), return_inverse=True)
    value = ratings["rating"].to_numpy()
    value = value - (np.bincount(user, value) / np.bincount(user))[user]
    films, film = np.unique(
        [imdb_id[movie] for movie in ratings["movieId"].to_pylist()], return_inverse=True
    )
    often = (np.bincount(film) >= MIN_RATINGS) & np.isin(films, film_ids)
    if not often.any():
        return Liking(np.empty(0, np.int64), np.empty((0, 0)))
    shape = (len(films), len(users))
    centred = csr_array((value, (film, user)), shape=shape)[often].toarray()
    rated = csr_array((np.ones(len(film)), (film, user)), shape=shape)[often].toarray()
    common = rated @ rated.T
    gains = np.maximum(normalize(centred) @ normalize(centred).T, 0) * common / (common + SHRINKAGE)
    place = np.argsort(np.argsort(rated.sum(axis=1), kind="stable"), kind="stable")
    quintile = place * QUINTILES // len(place)
    gains[quintile[:, None] != quintile[None, :]] = np.nan
    np.fill_diagonal(gains, np.nan)
    return Liking(np.searchsorted(film_ids, films[often]), gains)


def counts(tokens: Iterable[list[str]]) -> csr_array:
    """How often each film has each token."""
    return csr_array(CountVectorizer(analyzer=list).fit_transform(tokens))


def tf_idf(tokens: Iterable[list[str]], plus: float) -> csr_array:
    """One vector over all tokens: idf = ln((1 + n) / (1 + df)) + `plus`; unit rows."""
    counted = counts(tokens)
    frequencies = np.asarray((counted > 0).sum(axis=0)).ravel()
    idf = np.log((1 + counted.shape[0]) / (1 + frequencies)) + plus
    return csr_array(normalize(counted @ diags_array(idf)))


def word_tokens(films: FilmColumns) -> Iterable[list[str]]:
    """Words, genres and people by id: what one would try first."""
    for title, genres, people in zip(
        films.titles, _lists(films.genres), _lists(films.person_ids), strict=True
    ):
        yield [
            *(f"word {word}" for word in words(title or "")),
            *(f"genre {genre}" for genre in genres),
            *(f"person {person}" for person in people),
        ]


def raw_tokens(films: FilmColumns) -> Iterable[list[str]]:
    """The columns as text, split at commas: a title is one token, a rating another."""
    names = Ragged(films.person_names, films.person_ids.offsets)
    for title, genres, rating, people in zip(
        films.titles, _lists(films.genres), films.ratings, _lists(names), strict=True
    ):
        columns = [title or "", ", ".join(genres), f"{rating:.2f}", ", ".join(people)]
        yield [token for column in columns for token in column.split(",")]


def _lists(ragged: Ragged) -> Iterable[list[str]]:
    for start, stop in zip(ragged.offsets[:-1], ragged.offsets[1:], strict=True):
        yield [str(value) for value in ragged.values[start:stop]]


def _rows_of(film_ids: Iterable[int], catalogue: NDArray[np.int32]) -> Rows:
    return np.flatnonzero(np.isin(catalogue, list(film_ids)))


def _discounted(gains: Floats) -> float:
    gains = gains[:TOP]
    return float(np.sum(gains / np.log2(np.arange(2, len(gains) + 2))))


def _halves(first: Sequence[float], second: Sequence[float]) -> Mapping[str, float]:
    halves = {"all": [*first, *second], "first half": first, "second half": second}
    return {name: round(float(np.mean(of)), 3) for name, of in halves.items() if of}
