"""Search criteria -> the films that meet them, and pages, people and counts of those.

Numbers, genres and names are compared in memory (`api.db.index`). A regular expression is tried on
the texts whose words leave it a chance: where they are few and it is small, here and at once, else
by the database in a thread and under a time limit (`api.db.patterns`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from api.cursor import Place
from api.db.build import Build
from api.db.connection import Connection
from api.db.index import SearchIndex, days
from api.db.patterns import AtLength, AtOnce, Pattern, TakesLongerError
from api.models.search import Direction, Search, SearchCriteria, Sort
from api.models.values import MAX_INTEGER
from filmkin.lists import Rows
from filmkin.selection import Mask
from filmkin.words import key_of

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
    given = {field: getattr(criteria, field) for field in _BY_PATTERN}
    at_length = {}
    for field, pattern in given.items():
        if pattern is not None:
            try:
                tried = AtOnce(field, pattern, build.at_once)
                chosen = _BY_PATTERN[field](tried, build.index, chosen)
            except TakesLongerError:
                at_length[field] = pattern
    if at_length:
        chosen = await build.connections.ask_at_length(_at_length, build.index, chosen, at_length)
    return chosen


def _at_length(
    connection: Connection, index: SearchIndex, chosen: Mask, patterns: Mapping[str, str]
) -> Mask:
    """The chosen films that match each of the patterns, by field."""
    for field, pattern in patterns.items():
        chosen = _BY_PATTERN[field](AtLength(field, pattern, connection), index, chosen)
    return chosen


def page(index: SearchIndex, chosen: Mask, search: Search, after: Place | None) -> Page:
    """The page of the chosen films that `search` asks for, behind `after` where that is given."""
    order, descending = index.orders[search.sort], search.order is Direction.DESCENDING
    start = 0
    if after is not None:
        value, film_id = after
        key = key_of(value) if isinstance(value, str) else value
        start = order.behind(key, film_id, descending=descending)
    # One more, to know whether this page is the last.
    rows = order.page(
        chosen, descending=descending, start=start, offset=search.offset, limit=search.limit + 1
    )
    is_last, rows = len(rows) <= search.limit, rows[: search.limit]
    film_ids = index.film_ids[rows].tolist()
    end = None if is_last else (_value(index, search.sort, rows[-1]), film_ids[-1])
    return Page(film_ids, int(np.count_nonzero(chosen)), end)


def _value(index: SearchIndex, sort: Sort, row: int) -> str | float | None:
    """What a film is sorted by."""
    if sort is Sort.TITLE:
        return index.titles[row]
    value = float(index.numbers[sort][row])
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
            chosen &= index.orders[name].within(least, most)
    for members, named, all_of, any_of in (
        (index.film_genres, index.genres_named, criteria.genres, criteria.any_genres),
        (index.film_people, index.names.equal_to, criteria.persons, criteria.any_persons),
        (index.film_languages, index.languages_named, None, criteria.languages),
    ):
        for one in all_of or ():
            chosen &= members.films_of(named(one))
        if any_of:
            chosen &= members.films_of(np.concatenate([named(one) for one in any_of]))
    for genre in criteria.exclude_genres or ():
        chosen &= ~index.film_genres.films_of(index.genres_named(genre))
    return chosen


def _by_title(tried: Pattern, index: SearchIndex, chosen: Mask) -> Mask:
    texts = getattr(index, f"{tried.field}s")
    rows = tried.rows(("films", tried.field), texts, index.words[tried.field], chosen)
    matching = np.zeros(len(chosen), dtype=bool)
    matching[rows] = True
    return chosen & matching


def _by_person(tried: Pattern, index: SearchIndex, chosen: Mask) -> Mask:
    few = np.count_nonzero(chosen) <= _FEW_FILMS
    concerned = index.film_people.of_films(chosen) if few else None
    rows = tried.rows(_NAMES, index.names, index.words["person"], concerned)
    return chosen & index.film_people.films_of(rows)


def _by_genre(tried: Pattern, index: SearchIndex, chosen: Mask) -> Mask:
    matching = tried.matches([genre.encode() for genre in index.genres])
    return chosen & index.film_genres.films_of(np.flatnonzero(matching).astype(np.int32))


_NAMES = ("people", "name")
_BY_PATTERN: Mapping[str, Callable[[Pattern, SearchIndex, Mask], Mask]] = {
    "title": _by_title,
    "original_title": _by_title,
    "genre": _by_genre,
    "person": _by_person,
}


async def people_named(build: Build, pattern: str | None) -> Rows:
    """The rows of build.index.person_ids whose name matches; of all without a pattern.

    Raises InvalidPatternError.
    """
    index = build.index
    if pattern is None:
        return np.arange(len(index.person_ids), dtype=np.int32)

    def tried(kind: type[Pattern], connection: Connection) -> Rows:
        named = kind("name", pattern, connection)
        return named.rows(_NAMES, index.names, index.words["person"], None)

    try:
        return tried(AtOnce, build.at_once)
    except TakesLongerError:
        return await build.connections.ask_at_length(lambda connection: tried(AtLength, connection))
