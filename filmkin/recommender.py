"""What a person would like: ratings that are predicted, an order of films, and the reasons for it.

Predicting a rating and ordering films are different questions (Cremonesi, Koren and Turrin 2010,
"Performance of recommender algorithms on top-n recommendation tasks"): a rating is predicted by
latent factors (`filmkin.factors`), the order is that of a regression on what was liked
(`filmkin.regression`), together with implicit-feedback factors where that was found to help.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.arrays import Floats, Indices
from filmkin.factors import PersonFactors, RatingModel, products, solve_implicit
from filmkin.lists import rows_in
from filmkin.regression import FilmFactors, Taste, liking, speaking


class Reason(NamedTuple):
    """A film that a person rated, and how much of another film's score it gives."""

    film_id: int
    share: float


@dataclass(frozen=True, slots=True)
class ImplicitModel:
    """Films by implicit feedback: factors (n, k), how confidence grows, and the ridge."""

    factors: Floats
    alpha: float
    ridge: float
    gram: Floats = field(init=False)

    def __post_init__(self) -> None:
        factors = self.factors.astype(np.float64)  # they are stored in single precision
        object.__setattr__(self, "gram", factors.T @ factors)

    def scores(self, rows: Indices, weights: Floats) -> Floats:
        """(n,) for a person who saw these films, with these weights."""
        mine = solve_implicit(self.gram, self.factors[rows], weights, self.alpha, self.ridge)
        return products(self.factors, mine)


@dataclass(frozen=True, slots=True)
class Recommender:
    """n films by film_id, ascending, each with its number of ratings; all that is learnt of them.

    `implicit_weight` is that of the implicit factors' standardised scores beside the regression's.
    """

    film_ids: NDArray[np.int32]
    counts: NDArray[np.int32]
    model: RatingModel
    regression: FilmFactors
    taste: Taste
    implicit: ImplicitModel
    implicit_weight: float = 0.0

    def rows_of(self, film_ids: NDArray[np.int32]) -> tuple[Indices, NDArray[np.bool_]]:
        """The rows of those of the films that are known, and which they are."""
        rows = rows_in(self.film_ids, film_ids)
        known = rows >= 0
        return rows[known], known

    def person(self, film_ids: NDArray[np.int32], ratings: Floats) -> "Person":
        """A person by their ratings, (r,) each, newest first; unknown films are passed over."""
        rows, known = self.rows_of(np.asarray(film_ids, dtype=np.int32))
        return Person(self, rows, np.asarray(ratings, dtype=np.float64)[known])


class Person:
    """A person as the recommender sees them, solved of their ratings alone."""

    def __init__(self, recommender: Recommender, rows: Indices, ratings: Floats) -> None:
        """`rows` of films and the ratings of them, (r,) each, newest first."""
        self.rows = rows
        self._of = recommender
        self._ratings = ratings
        self._weights = speaking(ratings, recommender.taste)
        self._given = recommender.regression.given[rows]

    @cached_property
    def factors(self) -> PersonFactors:
        """What their ratings are explained by."""
        return self._of.model.fold_in(self.rows, self._ratings)

    def predicted(self, rows: Indices | slice = slice(None)) -> Floats:
        """The ratings that they would give, in stars: of films in these rows, or (n,) of all."""
        return self._of.model.predicted(self.factors, rows)

    def scores(self) -> Floats:
        """(n,) what films are to be ordered by; only comparable within a person."""
        scores = products(self._of.regression.taken, self._weights @ self._given)
        weight = self._of.implicit_weight
        if not weight:
            return scores
        seen = liking(self._ratings, self._of.taste)
        others = self._of.implicit.scores(self.rows, seen)
        return standardised(scores) + weight * standardised(others)

    def because(self, row: int, most: int) -> list[Reason]:
        """The liked films that speak for the film in this row, the largest share first.

        Shares are of the regression's score. Not named are films that speak against it, or speak
        for it as they were disliked.
        """
        shares = self._weights * (self._given @ self._of.regression.taken[row])
        shares[self._weights <= 0] = 0
        order = np.argsort(-shares, kind="stable")[:most]
        return [
            Reason(int(self._of.film_ids[self.rows[place]]), float(shares[place]))
            for place in order
            if shares[place] > 0
        ]


def standardised(scores: Floats) -> Floats:
    """Scores with mean 0 and deviation 1; all 0 where they are all the same."""
    deviation = scores.std() if len(scores) else 0.0
    centred: Floats = scores - scores.mean() if len(scores) else scores
    return centred / deviation if deviation else centred
