"""What to offer a person: the films that others' ratings, content, or the crowd speak for, in one
list.

A film that enough people have rated is ranked by what they thought of it; every fifth place goes
to one that content alone speaks for, so that new and rare films have their chance. Where one of the
two runs out the other goes on, and where both do, or a person has rated nothing, what is popular.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import count, islice
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.content import Profile
from filmkin.lists import row_in, rows_in
from filmkin.neighbours import InvertedIndex
from filmkin.rankings import best
from filmkin.recommender import Reason, Recommender
from filmkin.selection import Mask

Source = Literal["ratings", "content", "popular"]

MIN_RATINGS = 25  # of a film, for its predicted rating to be told

_EVERY = 5  # place of this many is content's
_RATINGS_FIRST: tuple[Source, ...] = ("ratings", "content", "popular")
_CONTENT_FIRST: tuple[Source, ...] = ("content", "ratings", "popular")
_MOST_REASONS = 3
_FEW_NEWEST = 100  # films that the newest are chosen from, at least


class Offer(NamedTuple):
    """A film for a person: its predicted rating where it is known, how many people have rated it,
    what speaks for it, and which of the films that the person rated do most.
    """

    film_id: int
    predicted_rating: float | None
    ratings: int
    source: Source
    because: Sequence[Reason]


class Rated(NamedTuple):
    """What a person rated: parallel (k,) arrays, the newest first, each film once."""

    film_ids: NDArray[np.int32]
    ratings: NDArray[np.float64]

    def without(self, film_id: int) -> "Rated":
        """The same, as if a film had not been rated."""
        others = self.film_ids != film_id
        return Rated(self.film_ids[others], self.ratings[others])


class Offers:
    """All that can be offered from one build: its n films by film_id."""

    def __init__(
        self,
        film_ids: NDArray[np.int32],
        recommender: Recommender,
        vectors: InvertedIndex,
        popularity: NDArray[np.float64],
        worth: NDArray[np.float64] | None = None,
        emphasis: NDArray[np.float64] | None = None,
    ) -> None:
        """film_ids (n,) ascending, popularity (n,): what is offered to who has rated nothing, and
        worth (n,): by how much more a better one of films alike is offered. emphasis (m,): how much
        each token of the vectors counts in what a person likes.
        """
        self.film_ids = film_ids
        self.recommender = recommender
        self.vectors = vectors
        self.worth = np.ones(len(film_ids)) if worth is None else worth
        self.emphasis = emphasis
        self.by_popularity = np.argsort(-popularity, kind="stable")
        self.rated_rows = rows_in(recommender.film_ids, film_ids)
        self.vector_rows = rows_in(vectors.film_ids, film_ids)
        counts = recommender.counts if len(recommender.counts) else np.zeros(1, dtype=np.int32)
        self.counts = np.where(self.rated_rows >= 0, counts[self.rated_rows], 0)

    def of(self, rated: Rated) -> "PersonalOffers":
        """What can be offered to a person."""
        return PersonalOffers(self, rated)


class PersonalOffers:
    """What can be offered to a person."""

    def __init__(self, offers: Offers, rated: Rated) -> None:
        self._all = offers
        self._rated = rated
        self._person = offers.recommender.person(rated.film_ids, rated.ratings)
        rows = rows_in(offers.film_ids, rated.film_ids)
        self._is_unrated = np.ones(len(offers.film_ids), dtype=bool)
        self._is_unrated[rows[rows >= 0]] = False
        self._known_ids = offers.recommender.film_ids
        self._is_known = bool((rows_in(self._known_ids, rated.film_ids) >= 0).any())

    def top(self, candidates: Mask, most: int, min_ratings: int = MIN_RATINGS) -> list[Offer]:
        """The best `most` of the candidates, (n,), none of which was rated by the person."""
        candidates = candidates & self._is_unrated
        chosen = islice(_mixed(*self._rankings(candidates, most, min_ratings)), most)
        return [self._offer(row, source) for row, source in chosen]

    def recent(
        self,
        years: NDArray[np.float64],
        candidates: Mask,
        most: int,
        min_ratings: int = MIN_RATINGS,
    ) -> list[Offer]:
        """The best of the newest candidates; years (n,) as `newest` takes them."""
        return self.top(newest(years, candidates & self._is_unrated, most), most, min_ratings)

    def one(self, film_id: int, min_ratings: int = MIN_RATINGS) -> Offer:
        """A film as it would be offered, be it in the build or among the rated films alone."""
        row, known = row_in(self._all.film_ids, film_id), row_in(self._known_ids, film_id)
        ratings = int(self._all.recommender.counts[known]) if known >= 0 else 0
        if self._is_known and known >= 0 and ratings >= min_ratings:
            return self._by_ratings(film_id, known)
        if row >= 0 and self._liking[row] > 0:
            return self._by_content(film_id, row, ratings)
        return Offer(film_id, None, ratings, "popular", ())

    def _rankings(self, candidates: Mask, most: int, min_ratings: int) -> list[list[int]]:
        """The best rows by ratings, by content, and by popularity, some of each."""
        everyone = self._all
        predictable = np.zeros_like(candidates)
        by_ratings, by_content = np.empty(0, np.intp), np.empty(0, np.intp)
        if self._is_known:
            predictable = candidates & (everyone.rated_rows >= 0) & (everyone.counts >= min_ratings)
            scores = self._person.scores()[everyone.rated_rows]
            by_ratings = _best(predictable, scores, most)
        if len(self._rated.film_ids):
            others = candidates & ~predictable & (self._liking > 0)
            by_content = _best(others, self._liking * everyone.worth, most)
        # Some of these are among the others, at most as many as are asked for.
        popular = everyone.by_popularity[candidates[everyone.by_popularity]][: 2 * most]
        return [rows.tolist() for rows in (by_ratings, by_content, popular)]

    def _offer(self, row: int, source: Source) -> Offer:
        film_id = int(self._all.film_ids[row])
        if source == "ratings":
            return self._by_ratings(film_id, int(self._all.rated_rows[row]))
        ratings = int(self._all.counts[row])
        if source == "content":
            return self._by_content(film_id, row, ratings)
        return Offer(film_id, None, ratings, source, ())

    def _by_ratings(self, film_id: int, known: int) -> Offer:
        reasons = self._person.because(known, _MOST_REASONS)
        (predicted,) = self._person.predicted(np.array([known])).tolist()
        ratings = int(self._all.recommender.counts[known])
        return Offer(film_id, predicted, ratings, "ratings", reasons)

    def _by_content(self, film_id: int, row: int, ratings: int) -> Offer:
        reasons = self._profile.because(int(self._all.vector_rows[row]), _MOST_REASONS)
        return Offer(film_id, None, ratings, "content", reasons)

    @cached_property
    def _profile(self) -> Profile:
        rated, everyone = self._rated, self._all
        return Profile(everyone.vectors, rated.film_ids, rated.ratings, everyone.emphasis)

    @cached_property
    def _liking(self) -> NDArray[np.float64]:
        """(n,) how far content speaks for each film; 0 for those of which nothing is known."""
        rows = self._all.vector_rows
        scores = np.append(self._profile.scores(), 0.0)  # the last is who has row -1
        liking: NDArray[np.float64] = scores[rows]
        return liking


def popularity(here: NDArray[np.float64], elsewhere: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) films by how popular they are here, (n,), and where that is the same, elsewhere, (n,).

    Ranks from 0, the most popular film last; of two alike in both, the first is more popular.
    """
    order = np.lexsort((-np.arange(len(here)), elsewhere, here))
    ranks = np.empty(len(here))
    ranks[order] = np.arange(len(here))
    return ranks


def newest(years: NDArray[np.float64], candidates: Mask, least: int) -> Mask:
    """The candidates of the newest years, NaN for none: of whole years, and of so many that it is
    `least` films, and 100, where there are as many.
    """
    known = candidates & ~np.isnan(years)
    found = np.sort(years[known])[::-1]
    if not len(found):
        return known
    oldest = found[min(max(least, _FEW_NEWEST), len(found)) - 1]
    chosen: Mask = known & (years >= oldest)
    return chosen


def _best(among: Mask, scores: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """The rows of the largest scores among some, the largest first."""
    rows = np.flatnonzero(among)
    return rows[best(scores[rows], most)]


def _mixed(
    by_ratings: Sequence[int], by_content: Sequence[int], popular: Sequence[int]
) -> Iterator[tuple[int, Source]]:
    """Each row once, with what speaks for it."""
    left: dict[Source, Iterator[int]] = {
        "ratings": iter(by_ratings), "content": iter(by_content), "popular": iter(popular),
    }  # fmt: skip
    offered: set[int] = set()
    for place in count(1):
        for source in _CONTENT_FIRST if place % _EVERY == 0 else _RATINGS_FIRST:
            row = next((row for row in left[source] if row not in offered), None)
            if row is not None:
                break
        else:
            return
        offered.add(row)
        yield row, source
