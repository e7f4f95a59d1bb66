"""Films that belong together by construction: one name, the same makers, leads and genres.

They are the truth that retrieval is measured against, so every one of them survives the film
rule and shares what its series has in common.
"""

from dataclasses import dataclass

import numpy as np

from workflow.sample import arrow, tables
from workflow.sample.arrow import Floats, Ints, Text
from workflow.sample.genres import popular_table
from workflow.sample.wording import FIRST_SUBTITLE, SPACES, TEMPLATES, Titles, counted, spell
from workflow.sample.words import SERIES_TEMPLATE

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
# Borders of the movie pools: self 0, cast 1, director 2, writer 3 (see plan.make_pool).
_CAST, _DIRECTOR, _WRITER = 1, 2, 3


@dataclass(frozen=True)
class Series:
    """Per film in a series, in the order of release, and per series."""

    movie: Ints  # which of the movies the film is
    series: Ints  # which series it is in
    title: Text
    year: Ints
    rating_tenths: Ints
    votes: Ints
    names: tuple[str, ...]
    genres: Ints  # per series: a combination of the popular genre table
    leads: Ints  # per series: six persons ...
    lead_count: Ints  # ... of whom so many are in every film
    director: Ints
    writer: Ints

    def truth(self, tconsts: list[str]) -> dict[str, list[str]]:
        """Series by name as lists of tconst, given those of its films."""
        truth: dict[str, list[str]] = {name: [] for name in self.names}
        for number, tconst in zip(self.series.tolist(), tconsts, strict=True):
            truth[self.names[number]].append(tconst)
        return truth


def series_sizes(rng: np.random.Generator, movies: int) -> Ints:
    """How many films each series has."""
    ratings = np.array(tables.MOVIE_RATING_COUNTS)
    well_rated = ratings[tables.RULE_RATING_TENTHS // 10 - 1 :].sum() / ratings.sum()
    log_votes = np.log(tables.MOVIE_VOTES)
    known = 1 - np.interp(np.log(tables.RULE_VOTES), log_votes, tables.VOTE_PROBABILITIES)
    survivors = movies * tables.MOVIE_RATED_SHARE * well_rated * known
    films = survivors * tables.SERIES_FILM_SHARE / (1 - tables.SERIES_FILM_SHARE)
    choices = np.array(list(tables.SERIES_SIZES), np.int64)
    shares = np.array(list(tables.SERIES_SIZES.values())) / 100
    count = max(tables.MIN_SERIES, round(films / float(choices @ shares)))
    sizes = choices[arrow.draw(shares, rng.random(count))]
    return sizes if sizes.sum() <= movies // 2 else np.full(count, 2, np.int64)


def plan_series(rng: np.random.Generator, movies: int, pool_starts: Ints) -> Series:
    sizes = series_sizes(rng, movies)
    series = np.repeat(np.arange(len(sizes)), sizes)
    number = np.arange(len(series)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    movie = rng.choice(movies, len(series), replace=False)
    movie = movie[np.lexsort((movie, series))]  # a sequel's tconst comes after the first film's
    names = tuple(_names(len(sizes)))
    first_year = rng.integers(1960, 2022 - 4 * sizes)
    with_genre = popular_table().shares.copy()
    with_genre[0] = 0.0  # the combination without any genre
    low, high = tables.SERIES_LEADS
    return Series(
        movie=movie,
        series=series,
        title=arrow.words(_member_titles(rng, names, sizes)),
        year=first_year[series] + 3 * number + rng.integers(0, 2, len(series)),
        rating_tenths=rng.integers(60, 70, len(series)) + rng.integers(0, 15, len(sizes))[series],
        votes=_votes(rng.random(len(series))),
        names=names,
        genres=arrow.draw(with_genre, rng.random(len(sizes))),
        leads=_distinct(rng, pool_starts[_CAST], pool_starts[_CAST + 1], (len(sizes), high)),
        lead_count=rng.integers(low, high + 1, len(sizes)),
        director=rng.integers(pool_starts[_DIRECTOR], pool_starts[_DIRECTOR + 1], len(sizes)),
        writer=rng.integers(pool_starts[_WRITER], pool_starts[_WRITER + 1], len(sizes)),
    )


def _votes(u: Floats) -> Ints:
    """Votes of films the rule keeps: the upper part of the distribution of all movies."""
    log_votes = np.log(tables.MOVIE_VOTES)
    start = np.interp(np.log(tables.RULE_VOTES), log_votes, tables.VOTE_PROBABILITIES)
    upper = start + u * (1 - start)
    votes = arrow.quantile(upper, tables.VOTE_PROBABILITIES, tables.MOVIE_VOTES)
    return np.maximum(tables.RULE_VOTES, votes.astype(np.int64))


def _distinct(rng: np.random.Generator, low: int, high: int, shape: tuple[int, int]) -> Ints:
    """Rows of different persons: evenly spaced from a random start."""
    start = rng.integers(0, high - low, shape[0])[:, None]
    gap = max(1, (high - low) // shape[1])
    return np.asarray(low + (start + gap * np.arange(shape[1])) % (high - low), np.int64)


def _names(count: int) -> list[str]:
    counter = np.arange(count, dtype=np.int64)
    template = np.full(count, SERIES_TEMPLATE, np.int64)
    names: list[str] = spell(Titles(template, counted(SERIES_TEMPLATE, counter))).to_pylist()
    return names


def _member_titles(rng: np.random.Generator, names: tuple[str, ...], sizes: Ints) -> list[str]:
    """Numerals, figures or subtitles: one manner per series, the first film has the bare name."""
    total = int(sizes.sum())
    template = rng.integers(FIRST_SUBTITLE, len(TEMPLATES), total)
    combination = rng.integers(0, SPACES[template])
    subtitles = iter(spell(Titles(template, combination)).to_pylist())
    manners = rng.integers(0, 4, len(names))
    titles: list[str] = []
    for name, size, manner in zip(names, sizes.tolist(), manners.tolist(), strict=True):
        for number in range(size):
            subtitle = next(subtitles)
            later = (
                f"{name} {_ROMAN[number]}",
                f"{name} {number + 1}",
                f"{name}: {subtitle}",
                f"{name} {_ROMAN[number]}: {subtitle}",
            )
            titles.append(later[manner] if number else name)
    return titles
