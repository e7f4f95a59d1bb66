"""Rankers of films for what is typed: ours, its beginnings, plain BM25 and SQLite's FTS5."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Protocol

import bm25s
import numpy as np
from numpy.typing import NDArray

from benchmarks._known_items import Texts
from filmkin.search.fields import LENGTH_COUNTS
from filmkin.search.postings import Postings
from filmkin.search.query import parse
from filmkin.search.ranking import Formula, Ranker
from filmkin.text import words

TOP = 10


class TopTen(Protocol):
    """Ranks films."""

    def top(self, typed: str) -> list[int]:
        """The rows of the ten that answer best."""


class Ours:
    """The ranked search, or a variant of its formula."""

    def __init__(self, ranker: Ranker) -> None:
        self._ranker = ranker

    def top(self, typed: str) -> list[int]:
        found = self._ranker.rank(parse(f"{typed} "))  # all is typed
        return _best(found.rows, found.scores)


class TfIdf:
    """The sum of TF-IDF times the share of the words that a film has: where one would begin."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        self._weights = np.array([Formula().fields[name] for name in postings.fields])

    def top(self, typed: str) -> list[int]:
        postings, typed_words = self._postings, dict.fromkeys(words(typed))
        scores, shares = np.zeros(postings.film_count), np.zeros(postings.film_count)
        for word in typed_words:
            term = postings.vocabulary.number(word)
            if term is not None:
                span, fields = postings.span(term, term + 1)
                rows = postings.rows[span]
                tf_idf = postings.weights[span] * self._weights[fields] * postings.idf[term]
                np.add.at(scores, rows, tf_idf)
                shares[np.unique(rows)] += 1 / len(typed_words)
        found = np.flatnonzero(scores)
        return _best(found, scores[found] * shares[found])


class Bm25:
    """BM25 (Lucene's variant) over all fields as one text, in the same words as ours."""

    def __init__(self, films: Sequence[Texts]) -> None:
        self._ranker = bm25s.BM25()
        every = ((text for texts in film.values() for text in texts) for film in films)
        corpus = [[word for text in texts for word in words(text)] for texts in every]
        self._ranker.index(corpus, show_progress=False)

    def top(self, typed: str) -> list[int]:
        rows, scores = self._ranker.retrieve([words(typed)], k=TOP, show_progress=False)
        return [int(row) for row, score in zip(rows[0], scores[0], strict=True) if score > 0]


class Fts5:
    """FTS5's bm25() with a column a field, which weigh as given; any of the words may match."""

    def __init__(self, films: Sequence[Texts], weights: Mapping[str, float]) -> None:
        self._database = sqlite3.connect(":memory:")
        columns = ", ".join(LENGTH_COUNTS)
        self._database.execute(
            f"CREATE VIRTUAL TABLE films USING fts5"
            f"({columns}, tokenize = 'unicode61 remove_diacritics 2')"
        )
        marks = ", ".join("?" * (len(LENGTH_COUNTS) + 1))
        self._database.executemany(
            f"INSERT INTO films (rowid, {columns}) VALUES ({marks})",
            ((row, *(" ".join(film[f]) for f in LENGTH_COUNTS)) for row, film in enumerate(films)),
        )
        shares = ", ".join(str(weights[name]) for name in LENGTH_COUNTS)
        self._sql = (
            f"SELECT rowid FROM films WHERE films MATCH ? ORDER BY bm25(films, {shares})"
            f" LIMIT {TOP}"
        )

    def top(self, typed: str) -> list[int]:
        asked = " OR ".join(f'"{word}"' for word in words(typed))
        return [row for (row,) in self._database.execute(self._sql, [asked])]


def _best(rows: NDArray[np.integer], scores: NDArray[np.floating]) -> list[int]:
    best = np.argsort(-scores, kind="stable")[:TOP]
    found: list[int] = rows[best].tolist()
    return found
