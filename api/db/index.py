"""What a search looks at, read whole when a build is opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from api.models.values import MAX_INTEGER
from filmkin.patterns import lower
from filmkin.selection import Members, Order, Range
from filmkin.words import Texts, WordIndex

Read = Callable[[str], Mapping[str, NDArray[Any]]]


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The n films by film_id, and the people of `people` in its order; rows count from 0."""

    film_ids: NDArray[np.int32]
    titles: Texts
    original_titles: Texts
    numbers: Mapping[str, Range]  # year in days since 1970, duration, rating, vote_count
    genres: Sequence[str]
    film_genres: Members
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
        """The row of a film that there is."""
        return int(np.searchsorted(self.film_ids, film_id))

    def genres_named(self, name: str) -> Sequence[int]:
        """The rows of the genres of this name, in upper or lower case."""
        asked = lower(name)
        return [row for row, genre in enumerate(self.genres) if lower(genre) == asked]


def days(day: date | None) -> int | None:
    """A date as the index has it."""
    return None if day is None else (day - _EPOCH).days


_EPOCH = date(1970, 1, 1)


def search_index(connection: Connection) -> SearchIndex:
    """Read the index of a build. Raises duckdb.Error when it cannot be read."""
    driver: Any = connection.connection.driver_connection

    def read(sql: str) -> Mapping[str, NDArray[Any]]:
        columns: Mapping[str, NDArray[Any]] = driver.execute(sql).fetchnumpy()
        return columns

    films = read(
        "SELECT film_id, (year - DATE '1970-01-01')::DOUBLE AS year, duration::DOUBLE AS duration,"
        " rating::DOUBLE AS rating, vote_count::DOUBLE AS vote_count, len(genres) AS genres,"
        " len(persons) AS persons FROM films ORDER BY film_id"
    )
    film_ids = films["film_id"]
    numbers = {
        name: np.ma.filled(films[name], np.nan)
        for name in ("year", "duration", "rating", "vote_count")
    }
    people = read("SELECT person_id, films FROM people ORDER BY rowid")
    person_ids = people["person_id"]
    genres, film_genres = _genres(read, films["genres"])
    titles = _texts(read, "title", "films", "film_id")
    by_title = read("SELECT film_id, title IS NOT NULL AS known FROM films ORDER BY title, film_id")
    orders = {name: Order.of_numbers(values, film_ids) for name, values in numbers.items()}
    orders["title"] = Order(
        np.searchsorted(film_ids, by_title["film_id"]).astype(np.int32),
        int(by_title["known"].sum()),
        film_ids,
        titles.bytes_at,
    )
    return SearchIndex(
        film_ids=film_ids,
        titles=titles,
        original_titles=_texts(read, "original_title", "films", "film_id"),
        numbers={name: Range(values) for name, values in numbers.items()},
        genres=genres,
        film_genres=film_genres,
        person_ids=person_ids,
        films_of_people=people["films"],
        names=_texts(read, "name", "people", "rowid"),
        film_people=_people(read, films["persons"], len(person_ids)),
        words={
            "title": _words(read, "title", film_ids),
            "original_title": _words(read, "original_title", film_ids),
            "person": _words(read, "person", person_ids),
        },
        orders=orders,
    )


def _texts(read: Read, column: str, table: str, order: str) -> Texts:
    """A column of texts as one: to make an object of each would stop all requests meanwhile."""
    found = read(f"SELECT string_agg({column}, '' ORDER BY {order}) AS texts FROM {table}")
    lengths = read(f"SELECT coalesce(strlen({column}), -1) AS n FROM {table} ORDER BY {order}")
    return Texts((found["texts"][0] or "").encode(), lengths["n"])


def _genres(read: Read, counts: NDArray[np.int64]) -> tuple[list[str], Members]:
    every = read("SELECT DISTINCT unnest(genres) AS genre FROM films ORDER BY genre")["genre"]
    members = read(
        "WITH every AS (SELECT genre, (row_number() OVER (ORDER BY genre) - 1)::INTEGER AS row"
        " FROM (SELECT DISTINCT unnest(genres) AS genre FROM films)),"
        " listed AS (SELECT film_id, unnest(genres) AS genre FROM films)"
        " SELECT row FROM listed JOIN every USING (genre) ORDER BY film_id, row"
    )["row"]
    return every.tolist(), Members(members, counts, len(every))


def _people(read: Read, counts: NDArray[np.int64], people: int) -> Members:
    rows = read(
        "WITH everyone AS (SELECT person_id, rowid::INTEGER AS row FROM people),"
        " listed AS (SELECT film_id, unnest(person_ids) AS person_id FROM films)"
        " SELECT row FROM listed JOIN everyone USING (person_id) ORDER BY film_id, row"
    )["row"]
    return Members(rows, counts, people)


def _words(read: Read, field: str, ids: NDArray[np.int32]) -> WordIndex:
    """The words of a field, by rows: the places of the ids that the build has."""
    of_field = f"FROM words WHERE field = '{field}'"
    words = read(f"SELECT string_agg(word || chr(10), '' ORDER BY word) AS words {of_field}")
    counts = read(f"SELECT len(ids) AS n {of_field} ORDER BY word")["n"]
    listed = read(f"SELECT unnest(ids) AS id FROM (SELECT ids {of_field} ORDER BY word)")["id"]
    order = np.argsort(ids, kind="stable")
    rows = order[np.searchsorted(ids, listed, sorter=order)].astype(np.int32)
    return WordIndex((words["words"][0] or "").encode(), counts, rows, len(ids))
