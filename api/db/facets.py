"""What chosen films are made of, counted."""

import numpy as np

from api.db.build import Build
from api.db.index import SearchIndex
from api.models.facets import DecadeCount, Facets, GenreCount, PersonCount
from filmkin.selection import Mask

MOST_PEOPLE = 20


async def facets(build: Build, chosen: Mask) -> Facets:
    """Genres, decades and the people with most films."""
    if np.count_nonzero(chosen) <= _FEW_FILMS:
        return _facets(build.index, chosen)
    return await build.connections.ask_at_length(lambda _: _facets(build.index, chosen))


# So many are counted at once, in some milliseconds; more, in a thread.
_FEW_FILMS = 2_000


def _facets(index: SearchIndex, chosen: Mask) -> Facets:
    return Facets(
        total=int(np.count_nonzero(chosen)),
        genres=_genres(index, chosen),
        decades=_decades(index, chosen),
        people=_people(index, chosen),
    )


def _genres(index: SearchIndex, chosen: Mask) -> list[GenreCount]:
    counts = index.film_genres.counts(chosen).tolist()
    found = [GenreCount(genre=g, films=n) for g, n in zip(index.genres, counts, strict=True) if n]
    return sorted(found, key=lambda count: (-count.films, count.genre))


def _decades(index: SearchIndex, chosen: Mask) -> list[DecadeCount]:
    days = index.numbers["year"][chosen]
    dates = days[~np.isnan(days)].astype("datetime64[D]")
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    decades, counts = np.unique(years // 10 * 10, return_counts=True)
    pairs = zip(decades.tolist(), counts.tolist(), strict=True)
    return [DecadeCount(decade=decade, films=films) for decade, films in pairs]


def _people(index: SearchIndex, chosen: Mask) -> list[PersonCount]:
    counts = index.film_people.counts(chosen)
    rows = np.flatnonzero(counts)
    if len(rows) > MOST_PEOPLE:  # only those that reach what the last of them has
        least = np.partition(counts[rows], -MOST_PEOPLE)[-MOST_PEOPLE]
        rows = rows[counts[rows] >= least]
    order = np.lexsort((index.person_ids[rows], -counts[rows]))
    return [
        PersonCount(
            person_id=int(index.person_ids[row]),
            name=index.names[row] or "",
            films=int(counts[row]),
        )
        for row in rows[order[:MOST_PEOPLE]]
    ]
