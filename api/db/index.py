"""What a search looks at, read whole when a build is opened.

A table is stored in the order of its rows, and DuckDB keeps that order in what it reads of one
table: statements that say no order of their own rely on it, for to sort takes twice as long.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.db.connection import Connection, columns
from api.models.values import MAX_INTEGER
from filmkin.catalogue import FOLDED
from filmkin.lists import Rows
from filmkin.patterns import folded
from filmkin.selection import Members, Order
from filmkin.words import Texts, WordIndex

Read = Callable[[str], dict[str, NDArray[Any]]]


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The n films by film_id, and the people of `people` in its order; rows count from 0.

    The numbers, (n,), are the year in days since 1970, duration, rating and vote_count.
    """

    film_ids: NDArray[np.int32]
    titles: Texts
    original_titles: Texts
    numbers: Mapping[str, NDArray[np.float64]]  # NaN where there is none
    genres: Sequence[str]
    film_genres: Members
    languages: Sequence[str]
    film_languages: Members
    person_ids: NDArray[np.int32]
    films_of_people: NDArray[np.int64]
    names: Texts
    film_people: Members
    words: Mapping[str, WordIndex]  # by the field of `words`
    orders: Mapping[str, Order]  # by what films are sorted by

    def has(self, film_id: int) -> bool:
        """Whether there is such a film."""
        if film_id > MAX_INTEGER:  # more than the column holds
            return False
        row = self.row_of(film_id)
        return row < len(self.film_ids) and int(self.film_ids[row]) == film_id

    def row_of(self, film_id: int) -> int:
        """The row of a film; where it is not, that of the next one."""
        # A number of another type would have all film_ids converted to its type first.
        return int(np.searchsorted(self.film_ids, np.int32(film_id)))

    def year_of(self, row: int) -> int | None:
        """The year of a film by its row."""
        day = self.numbers["year"][row]
        return None if np.isnan(day) else (_EPOCH + timedelta(days=int(day))).year

    def genres_named(self, name: str) -> Rows:
        """The rows of the genres of this name, in upper or lower case."""
        return _named(self.genres, name)

    def languages_named(self, code: str) -> Rows:
        """The rows of the languages of this code, in upper or lower case."""
        return _named(self.languages, code)


def _named(names: Sequence[str], name: str) -> Rows:
    asked = folded(name)
    return np.array([row for row, one in enumerate(names) if folded(one) == asked], dtype=np.int32)


def days(day: date | None) -> int | None:
    """A date as the index has it."""
    return None if day is None else (day - _EPOCH).days


_EPOCH = date(1970, 1, 1)

_NUMBERS = {
    "year": f"year - DATE '{_EPOCH}'",
    "duration": "duration",
    "rating": "rating",
    "vote_count": "vote_count",
}


class _People(NamedTuple):
    """What is read of people, while films are read."""

    person_ids: NDArray[np.int32]
    films: NDArray[np.int64]
    names: Texts
    film_people: Members
    words: WordIndex


def search_index(connection: Connection, readers: Executor) -> SearchIndex:
    """Read the index of a build. Raises duckdb.Error when it cannot be read."""
    with connection.cursor() as another:
        people = readers.submit(_people, partial(columns, another))
        return readers.submit(_index, partial(columns, connection), people).result()


def _index(read: Read, being_read: Future[_People]) -> SearchIndex:
    # A NaN each, for numpy takes as long to begin with masked arrays as all films to be read.
    listed = [f"coalesce(({sql})::DOUBLE, 'NaN') AS {name}" for name, sql in _NUMBERS.items()]
    numbers = read(f"SELECT film_id, {', '.join(listed)} FROM films")
    film_ids = numbers.pop("film_id")
    if not (film_ids[1:] > film_ids[:-1]).all():
        raise ValueError("its films are not in the order of film_id")
    by_title, with_title = _in_order(read, "title")
    titles = _texts(read, "title", "films", by_title[:with_title])
    orders = {name: Order.of_numbers(values, film_ids) for name, values in numbers.items()}
    orders["title"] = Order(by_title, with_title, film_ids, titles.key_of)
    genres, film_genres = _members(read, _GENRES, len(film_ids))
    languages, film_languages = _members(read, _LANGUAGES, len(film_ids))
    by_original, with_original = _in_order(read, "original_title")
    original_titles = _texts(read, "original_title", "films", by_original[:with_original])
    words = {name: _words(read, name, len(film_ids)) for name in ("title", "original_title")}
    people = being_read.result()
    return SearchIndex(
        film_ids=film_ids,
        titles=titles,
        original_titles=original_titles,
        numbers=numbers,
        genres=genres,
        film_genres=film_genres,
        languages=languages,
        film_languages=film_languages,
        person_ids=people.person_ids,
        films_of_people=people.films,
        names=people.names,
        film_people=people.film_people,
        words={**words, "person": people.words},
        orders=orders,
    )


def _people(read: Read) -> _People:
    people = read("SELECT person_id, films, len(film_rows) AS named FROM people")
    rows = read("SELECT unnest(film_rows) AS row FROM people")["row"]
    films = int(read("SELECT count(*) AS n FROM films")["n"][0])
    person_ids = people["person_id"]
    return _People(
        person_ids,
        people["films"],
        _texts(read, "name", "people", np.arange(len(person_ids), dtype=np.int32)),
        Members(rows, people["named"], films),
        _words(read, "person", len(person_ids)),
    )


def _in_order(read: Read, title: str) -> tuple[Rows, int]:
    """The films by a title, those without one last, and how many have one."""
    films = read(
        f"SELECT rowid::INTEGER AS row, {title} IS NOT NULL AS known FROM films"
        f" ORDER BY {FOLDED.format(title)} NULLS LAST, film_id"
    )
    return films["row"], int(films["known"].sum())


def _texts(read: Read, column: str, table: str, in_order: Rows) -> Texts:
    """A column of texts as one: to make an object of each would stop all requests meanwhile.

    Part by part, for the database puts what it aggregates in order in memory.
    """
    lengths = read(f"SELECT coalesce(strlen({column}), -1) AS n FROM {table}")["n"]
    parts = [
        read(
            f"SELECT string_agg({column}, '' ORDER BY rowid) AS texts FROM {table}"
            f" WHERE rowid >= {start} AND rowid < {start + _PART}"
        )["texts"][0]
        for start in range(0, len(lengths), _PART)
    ]
    return Texts("".join(part or "" for part in parts).encode(), lengths, in_order)


_PART = 200_000


def _members(read: Read, named: str, films: int) -> tuple[list[str], Members]:
    """What few different texts films have, in order; `named` gives each `text` of each `row`."""
    listed = f"SELECT text, list(row ORDER BY row) AS rows FROM ({named}) GROUP BY text"
    every = read(f"SELECT text, len(rows) AS n FROM ({listed}) ORDER BY text")
    rows = read(f"SELECT unnest(rows) AS row FROM (FROM ({listed}) ORDER BY text)")["row"]
    return every["text"].tolist(), Members(rows, every["n"], films)


_GENRES = "SELECT rowid::INTEGER AS row, unnest(genres) AS text FROM films"
# Spoken, or of a title.
_LANGUAGES = """
    SELECT rowid::INTEGER AS row, unnest(languages) AS text FROM films
    UNION
    SELECT films.rowid::INTEGER AS row, language AS text FROM films JOIN details USING (film_id)
    WHERE language IS NOT NULL
"""


def _words(read: Read, field: str, rows: int) -> WordIndex:
    of_field = f"FROM words WHERE field = '{field}'"
    words = read(f"SELECT string_agg(word || chr(10), '' ORDER BY word) AS words {of_field}")
    counts = read(f"SELECT len(rows) AS n {of_field} ORDER BY word")["n"]
    listed = read(f"SELECT unnest(rows) AS row FROM (SELECT rows {of_field} ORDER BY word)")["row"]
    return WordIndex((words["words"][0] or "").encode(), counts, listed, rows)
