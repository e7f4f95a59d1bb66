"""Free-text search: a query and criteria -> the films that answer, and what may be meant."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

import numpy as np

from api.db.build import Build
from api.db.connection import Connection
from api.db.index import SearchIndex, days
from api.db.search import choose
from api.models.free_text import FreeTextQuery, Ranked, Suggestion, TextPart
from api.models.search import Direction, SearchCriteria
from filmkin.search.marking import Part, excerpt, has_match, having, marked
from filmkin.search.query import Query, parse
from filmkin.search.ranking import Ranking
from filmkin.selection import Mask
from filmkin.text import search_words, written_words

# So many films, times the words, are ranked at once, in some milliseconds; more, in a thread.
_MOST_AT_ONCE = 400_000
_EXCERPT_LETTERS = 240
# The texts of a film that are shown with what was found in them.
_WHOLE_TEXTS = ("title", "original_title")
_LISTED_TEXTS = ("alternative_titles", "persons", "directors", "writers", "genres", "keywords")
_MOST_LISTED = 5


class Found(NamedTuple):
    """The films of a page in order with their scores, all that answer (n,), the words found."""

    film_ids: Sequence[int]
    scores: Sequence[float]
    chosen: Mask
    terms: frozenset[str]
    suggestions: Sequence[str]


async def find(build: Build, asked: FreeTextQuery) -> Found:
    """The films that answer. Raises InvalidPatternError."""
    query = parse(asked.q)
    allowed = await _allowed(build, asked, query)

    def ranked(_: Connection | None = None) -> tuple[Ranking, Sequence[str]]:
        ranking = build.ranker.rank(query, allowed)
        is_answered = len(ranking.rows) > 0
        return ranking, build.ranker.other_queries(query, is_answered=is_answered)

    if len(build.index.film_ids) * len(query.words) > _MOST_AT_ONCE:
        ranking, others = await build.connections.ask_at_length(ranked)
    else:
        ranking, others = ranked()
    rows, scores = _page(build.index, ranking, asked)
    chosen = np.zeros(len(build.index.film_ids), dtype=bool)
    chosen[ranking.rows] = True
    return Found(
        build.index.film_ids[rows].tolist(),
        scores,
        chosen,
        ranking.terms,
        others,
    )


async def _allowed(build: Build, asked: FreeTextQuery, query: Query) -> Mask | None:
    """The films that meet the criteria and are of the years that the query names; None: all."""
    criteria = asked.model_dump(include=set(SearchCriteria.model_fields), exclude_none=True)
    allowed = await choose(build, asked) if criteria else None
    if query.years is not None:
        of_years = _of_years(build.index, query.years)
        allowed = of_years if allowed is None else allowed & of_years
    for years in query.other_years:
        others = ~_of_years(build.index, years)
        allowed = others if allowed is None else allowed & others
    return allowed


def _of_years(index: SearchIndex, years: tuple[int, int]) -> Mask:
    first, last = (max(1, year) for year in years)
    return index.orders["year"].within(days(date(first, 1, 1)), days(date(last, 12, 31)))


def _page(
    index: SearchIndex, ranking: Ranking, asked: FreeTextQuery
) -> tuple[Sequence[int], Sequence[float]]:
    """The rows of the page, and their scores."""
    stop = min(asked.offset + asked.limit, len(ranking.rows))
    if asked.sort is Ranked.RELEVANCE:
        best = np.arange(len(ranking.rows))
        if stop < len(best):  # only those that reach what the last of the page has
            scores = ranking.scores
            best = np.flatnonzero(scores >= np.partition(scores, -max(stop, 1))[-max(stop, 1)])
        best = best[np.argsort(-ranking.scores[best], kind="stable")][asked.offset : stop]
        rows: list[int] = ranking.rows[best].tolist()
        return rows, ranking.scores[best].tolist()
    chosen = np.zeros(len(index.film_ids), dtype=bool)
    chosen[ranking.rows] = True
    rows = list(
        index.orders[asked.sort].page(
            chosen,
            descending=asked.order is Direction.DESCENDING,
            start=0,
            offset=asked.offset,
            limit=asked.limit,
        )
    )
    return rows, ranking.scores[np.searchsorted(ranking.rows, rows)].tolist()


class MarkedText(NamedTuple):
    """A text of a film in pieces, and which of its texts it is."""

    field: str
    parts: Sequence[Part]


def highlights(film: dict[str, object], terms: frozenset[str]) -> list[MarkedText]:
    """The texts of a film, as it is sent, in which the words stand."""
    details = film["details"]
    texts = film | (details if isinstance(details, dict) else {})
    found = [MarkedText(name, marked(str(texts[name] or ""), terms)) for name in _WHOLE_TEXTS]
    if film["original_title"] == film["title"]:
        found.pop()
    for name in _LISTED_TEXTS:
        listed = texts.get(name)
        if isinstance(listed, list):
            found += (MarkedText(name, parts) for parts in having(listed, terms, _MOST_LISTED))
    for name in ("overview", "tagline"):
        found.append(MarkedText(name, excerpt(str(texts.get(name) or ""), terms, _EXCERPT_LETTERS)))
    return [one for one in found if has_match(one.parts)]


def suggest(build: Build, text: str, most: int) -> list[Suggestion]:
    """Films and people that may be meant, the best known first; people last."""
    typed = search_words(text)
    if not typed:
        return []
    index = build.index
    films = build.suggester.films(typed, most)
    people = build.suggester.people(typed, max(most // _PEOPLE, most - len(films)))
    films = films[: most - len(people)]
    of_films = [
        _suggestion("film", int(index.film_ids[row]), index.titles[row], index.year_of(row), typed)
        for row in films.tolist()
    ]
    of_people = [
        _suggestion("person", int(index.person_ids[row]), index.names[row], None, typed)
        for row, _ in people
    ]
    return [*of_films, *of_people][:most]


_PEOPLE = 3  # one suggestion in so many


def _suggestion(
    kind: Literal["film", "person"],
    number: int,
    text: str | None,
    year: int | None,
    typed: Sequence[str],
) -> Suggestion:
    text = text or ""
    begun = {w.folded for w in written_words(text) if w.folded.startswith(tuple(typed))}
    parts = [TextPart(text=part.text, matched=part.matched) for part in marked(text, begun)]
    return Suggestion(kind=kind, id=number, text=text, year=year, parts=parts)
