"""Sets of genres drawn in one go: every combination of up to three genres has a probability.

The probabilities are fitted so that the number of genres and the share of each genre are both
those of the tables; a title then needs a single random number.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from workflow.sample import arrow, tables
from workflow.sample.arrow import Floats, Ints, Text

_ROUNDS = 200


@dataclass(frozen=True)
class GenreTable:
    """Combinations as IMDb writes them, and how often each occurs."""

    combinations: tuple[tuple[str, ...], ...]
    shares: Floats

    def draw(self, u: Floats) -> Ints:
        return arrow.draw(self.shares, u)

    def text(self, picked: Ints) -> Text:
        return arrow.take(
            arrow.words([",".join(c) or arrow.NULL for c in self.combinations]), picked
        )

    def has(self, genre: str, picked: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.asarray(np.array([genre in c for c in self.combinations])[picked])


def fit(genres: dict[str, float], counts: tuple[float, ...]) -> GenreTable:
    """Iterative proportional fitting of the combinations to both tables (in percent)."""
    names = sorted(genres)
    sets = [s for size in range(len(counts)) for s in combinations(names, size)]
    sizes = np.array([len(s) for s in sets])
    member = np.array([[name in s for name in names] for s in sets], np.float64)
    sought = np.array([genres[name] for name in names])
    sought *= np.dot(np.arange(len(counts)), counts) / sum(counts) / sought.sum()
    weights = np.log(sought)
    for _ in range(_ROUNDS):
        shares = np.exp(member @ weights)
        totals = np.bincount(sizes, shares)
        shares *= (np.array(counts) / sum(counts) / totals)[sizes]
        weights += np.log(sought / (member.T @ shares))
    return GenreTable(tuple(sets), shares)


@cache
def movie_table() -> GenreTable:
    return fit(tables.MOVIE_GENRES, tables.MOVIE_GENRE_COUNTS)


@cache
def popular_table() -> GenreTable:
    return fit(tables.POPULAR_GENRES, tables.POPULAR_GENRE_COUNTS)


@cache
def other_table() -> GenreTable:
    return fit(tables.OTHER_GENRES, tables.OTHER_GENRE_COUNTS)


@cache
def short_table() -> GenreTable:
    """Shorts have the genre Short among their up to three."""
    base = other_table()
    sets = tuple(tuple(sorted((*c[:2], "Short"))) for c in base.combinations)
    return GenreTable(sets, base.shares)
