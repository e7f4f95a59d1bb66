"""The films that people rate: those of most votes, and some that IMDb's files lack."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workflow.sample import arrow, tastes, wording
from workflow.sample.arrow import Ints, Text
from workflow.sample.genres import popular_table
from workflow.sample.plan import Plan
from workflow.sample.titles import TitleChunk


@dataclass(frozen=True)
class KnownFilms:
    """Films by column; `number` is of IMDb's id, `series` -1 for none, `year` 0 for unknown."""

    number: Ints
    votes: Ints
    rating_tenths: Ints
    year: Ints
    series: Ints
    title: Text
    genres: Text

    def __len__(self) -> int:
        return len(self.number)

    def rows(self, rows: Ints) -> "KnownFilms":
        return KnownFilms(
            self.number[rows], self.votes[rows], self.rating_tenths[rows], self.year[rows],
            self.series[rows], arrow.take(self.title, rows), arrow.take(self.genres, rows),
        )  # fmt: skip

    def genre_sets(self) -> list[frozenset[str]]:
        return [
            frozenset() if cell == arrow.NULL else frozenset(cell.split(","))
            for cell in self.genres.to_pylist()
        ]


def most_voted(plan: Plan, known: KnownFilms | None, titles: TitleChunk) -> KnownFilms:
    """The films of most votes among those known so far and the rated movies of a chunk."""
    rows = np.flatnonzero(titles.movie & titles.rated)
    film = titles.film[rows]
    new = KnownFilms(
        number=titles.number[rows],
        votes=titles.votes[rows],
        rating_tenths=titles.rating_tenths[rows],
        year=np.where(titles.year_known[rows], titles.year[rows], 0),
        series=np.where(film >= 0, plan.series.series[film], -1),
        title=arrow.take(titles.primary, rows),
        genres=arrow.take(titles.genres, rows),
    )
    both = _joined([known, new]) if known else new
    first = np.argsort(-both.votes, kind="stable")[: tastes.MOST_FILMS]
    return both.rows(np.sort(first))


def with_unknown(plan: Plan, rng: np.random.Generator, known: KnownFilms) -> KnownFilms:
    """Some films more, like others of them, under ids that stand in none of IMDb's files."""
    share = tastes.UNKNOWN_TO_IMDB_SHARE
    count = max(1, round(len(known) * share / (1 - share)))
    like = known.rows(rng.integers(0, len(known), count))
    slots = rng.choice(plan.titles, count, replace=False)
    genres = popular_table()
    unknown = KnownFilms(
        number=arrow.unused_id_numbers(slots, plan.titles),
        votes=like.votes,
        rating_tenths=like.rating_tenths,
        year=like.year,
        series=np.full(count, -1, np.int64),
        title=wording.spell(wording.random_titles(rng, count)),
        genres=genres.text(genres.draw(rng.random(count))),
    )
    return _joined([known, unknown])


def _joined(parts: Sequence[KnownFilms]) -> KnownFilms:
    numbers = ("number", "votes", "rating_tenths", "year", "series")
    texts = ("title", "genres")
    return KnownFilms(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in numbers},
        **{name: pa.concat_arrays([getattr(part, name) for part in parts]) for name in texts},
    )
