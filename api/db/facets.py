"""What chosen films are made of, counted."""

import numpy as np
from numpy.typing import NDArray

from api.db.build import Build
from api.db.index import SearchIndex
from api.models.facets import (
    DecadeCount,
    DurationCount,
    Facets,
    GenreCount,
    LanguageCount,
    PersonCount,
    RatingCount,
)
from filmkin.selection import Mask

MOST_PEOPLE = 20


async def facets(build: Build, chosen: Mask) -> Facets:
    """Genres, decades, ratings, durations, languages, and the people with most films."""
    if np.count_nonzero(chosen) <= _FEW_FILMS:
        return _facets(build.index, chosen)
    return await build.connections.ask_at_length(lambda _: _facets(build.index, chosen))


# So many are counted at once, in some milliseconds; more, in a thread.
_FEW_FILMS = 20_000


def _facets(index: SearchIndex, chosen: Mask) -> Facets:
    return Facets(
        total=int(np.count_nonzero(chosen)),
        genres=_genres(index, chosen),
        decades=_decades(index, chosen),
        ratings=[RatingCount(rating=r, films=n) for r, n in _steps(index, "rating", chosen, 1)],
        durations=[
            DurationCount(minutes=m, films=n) for m, n in _steps(index, "duration", chosen, 30)
        ],
        languages=_languages(index, chosen),
        people=_people(index, chosen),
    )


def _genres(index: SearchIndex, chosen: Mask) -> list[GenreCount]:
    counts = index.film_genres.counts(chosen).tolist()
    found = [GenreCount(genre=g, films=n) for g, n in zip(index.genres, counts, strict=True) if n]
    return sorted(found, key=lambda count: (-count.films, count.genre))


def _languages(index: SearchIndex, chosen: Mask) -> list[LanguageCount]:
    counts = index.film_languages.counts(chosen).tolist()
    pairs = zip(index.languages, counts, strict=True)
    found = [LanguageCount(language=code, films=n) for code, n in pairs if n]
    return sorted(found, key=lambda count: (-count.films, count.language))


def _steps(index: SearchIndex, name: str, chosen: Mask, width: int) -> list[tuple[int, int]]:
    """Where each step of so wide begins that films lie in, and how many do."""
    values = index.numbers[name][chosen]
    steps = values[~np.isnan(values)] // width
    if name == "rating":
        steps = np.minimum(steps, _BEST_RATING // width - 1)
    return _counted(steps, width)


_BEST_RATING = 10


def _decades(index: SearchIndex, chosen: Mask) -> list[DecadeCount]:
    days = index.numbers["year"][chosen]
    dates = days[~np.isnan(days)].astype("datetime64[D]")
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    return [DecadeCount(decade=d, films=n) for d, n in _counted(years // 10, 10)]


def _counted(steps: NDArray[np.number], width: int) -> list[tuple[int, int]]:
    """Where each of the steps of so wide that there are begins, and how often it is there."""
    if not len(steps):
        return []
    first = int(steps.min())
    counts = np.bincount((steps - first).astype(np.int64)).tolist()
    return [((first + place) * width, count) for place, count in enumerate(counts) if count]


def _people(index: SearchIndex, chosen: Mask) -> list[PersonCount]:
    rows, counts = index.film_people.most_often(chosen, MOST_PEOPLE)
    order = np.lexsort((index.person_ids[rows], -counts))[:MOST_PEOPLE]
    return [
        PersonCount(
            person_id=int(index.person_ids[row]),
            name=index.names[row] or "",
            films=int(films),
        )
        for row, films in zip(rows[order], counts[order], strict=True)
    ]
