"""Search criteria -> the films that meet them, and pages, people and counts of those.

Numbers, genres and names are compared in memory (`api.db.index`). A regular expression is tried by
the database, RE2 in linear time and under a time limit: on the few texts whose words leave it a
chance where they are few, else on all.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from api.cursor import Place
from api.db.build import Build
from api.db.index import SearchIndex, days
from api.models.search import Direction, Search, SearchCriteria, Sort
from api.models.values import MAX_INTEGER
from filmkin.errors import InvalidPatternError
from filmkin.patterns import required
from filmkin.selection import Mask
from filmkin.words import Rows, Texts, WordIndex

# Texts that are handed to the database; among more of them it finds faster itself.
_MOST_TRIED = 2_000
# Films whose people are looked at one by one.
_FEW_FILMS = 200


class Page(NamedTuple):
    """The films of a page in order, how many there are on all pages, and where this one ends."""

    film_ids: Sequence[int]
    total: int
    end: Place | None


async def choose(build: Build, criteria: SearchCriteria) -> Mask:
    """(n,) bool over build.index.film_ids: which films meet all criteria.

    Raises InvalidPatternError.
    """
    chosen = _chosen(build.index, criteria)
    asked = {field: getattr(criteria, field) for field in _BY_PATTERN}
    patterns = {field: pattern for field, pattern in asked.items() if pattern is not None}
    if patterns:
        chosen = await build.connections.ask(_matching, build.index, chosen, patterns)
    return chosen


def page(index: SearchIndex, chosen: Mask, search: Search, after: Place | None) -> Page:
    """The page of the chosen films that `search` asks for, behind `after` where that is given."""
    order, descending = index.orders[search.sort], search.order is Direction.DESCENDING
    start = 0
    if after is not None:
        value, film_id = after
        key = value.encode(errors="surrogatepass") if isinstance(value, str) else value
        start = order.behind(key, film_id, descending=descending)
    rows = order.page(
        chosen, descending=descending, start=start, offset=search.offset, limit=search.limit
    )
    film_ids = index.film_ids[rows].tolist()
    # A page that is not full is the last.
    end = (
        (_value(index, search.sort, rows[-1]), film_ids[-1]) if len(rows) == search.limit else None
    )
    return Page(film_ids, int(np.count_nonzero(chosen)), end)


def _value(index: SearchIndex, sort: Sort, row: int) -> str | float | None:
    """What a film is sorted by."""
    if sort is Sort.TITLE:
        return index.titles[row]
    value = float(index.numbers[sort].values[row])
    return None if np.isnan(value) else value


def _chosen(index: SearchIndex, criteria: SearchCriteria) -> Mask:
    """The films that meet all criteria but the patterns."""
    chosen = np.ones(len(index.film_ids), dtype=bool)
    if criteria.ids:
        chosen &= np.isin(index.film_ids, [i for i in criteria.ids if i <= MAX_INTEGER])
    for name, least, most in (
        (Sort.YEAR, days(criteria.earliest_date), days(criteria.latest_date)),
        (Sort.DURATION, criteria.min_duration, criteria.max_duration),
        (Sort.RATING, criteria.min_rating, criteria.max_rating),
        (Sort.VOTE_COUNT, criteria.vote_count, criteria.max_vote_count),
    ):
        if least is not None or most is not None:
            chosen &= index.numbers[name].within(least, most)
    for members, named, all_of, any_of in (
        (index.film_genres, index.genres_named, criteria.genres, criteria.any_genres),
        (index.film_people, index.names.equal_to, criteria.persons, criteria.any_persons),
    ):
        for one in all_of or ():
            chosen &= members.films_of(named(one))
        if any_of:
            chosen &= members.films_of([row for one in any_of for row in named(one)])
    for genre in criteria.exclude_genres or ():
        chosen &= ~index.film_genres.films_of(index.genres_named(genre))
    return chosen


def _matching(
    connection: Connection, index: SearchIndex, chosen: Mask, patterns: Mapping[str, str]
) -> Mask:
    """The chosen films that match each of the patterns, by field."""
    for field, pattern in patterns.items():
        chosen = _BY_PATTERN[field](connection, index, chosen, field, pattern)
    return chosen


def _by_title(
    connection: Connection, index: SearchIndex, chosen: Mask, field: str, pattern: str
) -> Mask:
    asked = _Asked(connection, "films", field, pattern)
    rows = asked.matching(getattr(index, f"{field}s"), index.words[field], _rows(chosen))
    return chosen & _mask(rows, len(chosen))


def _by_person(
    connection: Connection, index: SearchIndex, chosen: Mask, field: str, pattern: str
) -> Mask:
    asked = _Asked(connection, "people", field, pattern, column="name")
    few = np.count_nonzero(chosen) <= _FEW_FILMS
    concerned = index.film_people.of_films(chosen) if few else None
    rows = asked.matching(index.names, index.words["person"], concerned)
    return chosen & index.film_people.films_of(rows)


def _by_genre(
    connection: Connection, index: SearchIndex, chosen: Mask, field: str, pattern: str
) -> Mask:
    asked = _Asked(connection, "films", field, pattern)
    return chosen & index.film_genres.films_of(_rows(asked.tried(index.genres)))


_BY_PATTERN: dict[str, Callable[[Connection, SearchIndex, Mask, str, str], Mask]] = {
    "title": _by_title,
    "original_title": _by_title,
    "genre": _by_genre,
    "person": _by_person,
}


async def people_named(build: Build, pattern: str | None) -> Rows:
    """The rows of build.index.person_ids whose name matches; of all without a pattern."""
    index = build.index
    if pattern is None:
        return np.arange(len(index.person_ids), dtype=np.int32)

    def named(connection: Connection) -> Rows:
        asked = _Asked(connection, "people", "name", pattern)
        return asked.matching(index.names, index.words["person"], None)

    return await build.connections.ask(named)


class _Asked:
    """One regular expression, given for a field, tried on a column of a table."""

    def __init__(
        self,
        connection: Connection,
        table: str,
        field: str,
        pattern: str,
        column: str | None = None,
    ) -> None:
        self._connection = connection
        self._table, self._column = table, column or field
        self._field, self._pattern = field, pattern

    def matching(self, texts: Texts, words: WordIndex, concerned: Rows | None) -> Rows:
        """The rows of the table that match, and that are concerned, where it is said who is.

        Rows that are not concerned may be among them.
        """
        needed = required(self._pattern)
        rows = words.candidates(needed.parts)
        if needed.enough and rows is not None:
            return rows
        if concerned is not None:
            rows = concerned if rows is None else np.intersect1d(rows, concerned, True)
        if rows is None or len(rows) > _MOST_TRIED:
            return self._found()
        return rows[self.tried([texts[row] for row in rows])]

    def tried(self, texts: Sequence[str | None]) -> Mask:
        """Which of the texts match; a null does not."""
        sql = """
            SELECT list_transform(
                $1::VARCHAR[], lambda t: coalesce(regexp_matches(t, $2, 'i'), false)
            ) AS matches
        """
        # One text more, so that a pattern is tried even where there is nothing to try it on.
        matches: Mask = self._ask(sql, [*texts, ""], self._pattern)["matches"][0][:-1]
        return matches.astype(bool)

    def _found(self) -> Rows:
        """The rows among all of the table."""
        sql = (
            f"SELECT rowid AS row FROM {self._table} WHERE regexp_matches({self._column}, $1, 'i')"
        )
        return self._ask(sql, self._pattern)["row"].astype(np.int32)

    def _ask(self, sql: str, *parameters: Any) -> Mapping[str, NDArray[Any]]:
        """Columns by name. Raises InvalidPatternError when RE2 does not accept the pattern."""
        driver: Any = self._connection.connection.driver_connection
        try:
            columns: Mapping[str, NDArray[Any]] = driver.execute(sql, parameters).fetchnumpy()
        except duckdb.InvalidInputException as error:
            reason = str(error).removeprefix("Invalid Input Error: ")
            told = f"not a regular expression: {reason}"
            raise InvalidPatternError(self._field, told) from error
        return columns


def _rows(mask: Mask) -> Rows:
    return np.flatnonzero(mask).astype(np.int32)


def _mask(rows: Rows, size: int) -> Mask:
    mask = np.zeros(size, dtype=bool)
    mask[rows] = True
    return mask
