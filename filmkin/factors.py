"""Latent factors: what a person's ratings say of them, solved in place, and what that predicts.

A rating is taken apart into the mean of all, what the film adds, what the person adds, the product
of their factors, and how the person has lately rated above or below that:

    rating = mean + film + person + film factors . person factors + drift

Film factors come from alternating least squares (Zhou et al. 2008, "Large-scale parallel
collaborative filtering for the Netflix Prize", with the ridge times the number of ratings, as
Spark has it); implicit feedback is that of Hu, Koren and Volinsky 2008. With the films fixed a
person is one least-squares problem: that is the fold-in, which needs nobody else's ratings.
The drift, a mean of the last residuals, follows Koren 2009, "Collaborative filtering with temporal
dynamics".
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from filmkin.arrays import Floats, Indices
from filmkin.ratings import LEAST, MOST


class Biases(NamedTuple):
    """What ratings are on average: `mean` of all, and what each film (n,), person (m,) adds."""

    mean: float
    films: Floats
    people: Floats


class Fitting(NamedTuple):
    """How ratings are explained. Dampings count as so many ratings without a deviation.

    `half_life` is in ratings: how many newer ones halve the weight of one in the drift.
    """

    film_damping: float = 3.0
    person_damping: float = 5.0
    ridge: float = 0.15
    half_life: float = 10.0
    drift_damping: float = 5.0


class PersonFactors(NamedTuple):
    """A person by their ratings: what they add, their factors (k,), their drift."""

    bias: float
    factors: Floats
    drift: float


_SWEEPS = 10  # the biases change by less than a hundredth of a star after that


def biases(
    films: Indices, people: Indices, ratings: Floats, shape: tuple[int, int], fitting: Fitting
) -> Biases:
    """The biases of r ratings, (r,) each: of which film, by which person, in stars.

    Damped means of what the other side leaves over, in turns until they settle. Films and people
    are rows from 0, `shape` how many people and films there are; who has no rating adds nothing.
    """
    mean = float(ratings.mean()) if len(ratings) else 0.0
    of_people, of_films = np.zeros(shape[0]), np.zeros(shape[1])
    rating = np.bincount(people, minlength=shape[0])
    rated = np.bincount(films, minlength=shape[1])
    for _ in range(_SWEEPS):
        left = ratings - mean - of_people[people]
        of_films = _damped(films, left, rated, fitting.film_damping)
        left = ratings - mean - of_films[films]
        of_people = _damped(people, left, rating, fitting.person_damping)
    return Biases(mean, of_films, of_people)


def _damped(rows: Indices, left: Floats, counts: Indices, damping: float) -> Floats:
    """(n,) the damped mean of what is left over for each row; 0 where there is nothing of it."""
    sums = np.bincount(rows, left, len(counts))
    return sums / np.where(counts > 0, counts + damping, 1.0)


def solve(factors: Floats, targets: Floats, ridge: float) -> Floats:
    """(k,) the x with the least |factors x - targets|² + ridge n |x|², of n rows, (n, k).

    The half-step of alternating least squares for one person.
    """
    return _solved(factors.T @ factors, ridge * len(factors), factors.T @ targets)


def solve_implicit(
    gram: Floats, factors: Floats, weights: Floats, alpha: float, ridge: float
) -> Floats:
    """(k,) the factors of a person of whom it is known what they saw, with weights (n,).

    What they saw is to score 1 with confidence 1 + alpha weight, all else 0 with confidence 1; who
    saw nothing has factors of 0. `gram` (k, k) is that of all films' factors, in double precision,
    `factors` (n, k) those of the films seen.
    """
    factors = factors.astype(np.float64)
    confidence = alpha * weights
    squares = gram + factors.T @ (factors * confidence[:, None])
    return _solved(squares, ridge * len(factors), factors.T @ (1 + confidence))


_NOTHING = 1e-10  # of all squares, what rounding leaves of a 0


def _solved(squares: Floats, ridge: float, aims: Floats) -> Floats:
    """(k,) the x with (squares + ridge) x = aims; where there are several, the shortest.

    `squares` (k, k) is a gram matrix. Only without rows or without a ridge may it be singular.
    """
    normal = squares + ridge * np.eye(len(squares))
    if ridge > _NOTHING * np.trace(squares):
        return np.asarray(np.linalg.solve(normal, aims), np.float64)
    return np.asarray(np.linalg.pinv(normal, rcond=_NOTHING, hermitian=True) @ aims, np.float64)


def products(factors: Floats, mine: Floats) -> Floats:
    """(n,) of the factors of n films, (n, k), with those of a person, (k,).

    In the precision of the films': to widen them all takes longer than to multiply.
    """
    found: Floats = (factors @ mine.astype(factors.dtype)).astype(np.float64)
    return found


def newest_first(half_life: float, count: int) -> Floats:
    """(count,) weights that halve every `half_life` ratings: 1, ..., the newest first."""
    weights: Floats = 0.5 ** (np.arange(count) / half_life)
    return weights


def drift(residuals: Floats, fitting: Fitting) -> float:
    """By how much a person lately rates above what is predicted; residuals are newest first."""
    weights = newest_first(fitting.half_life, len(residuals))
    return float(weights @ residuals / (weights.sum() + fitting.drift_damping))


@dataclass(frozen=True, slots=True)
class RatingModel:
    """n films: the mean of all ratings, the films' biases (n,) and their factors (n, k)."""

    mean: float
    film_biases: Floats
    factors: Floats
    fitting: Fitting

    def fold_in(self, rows: Indices, ratings: Floats) -> PersonFactors:
        """A person by their ratings of films, (r,) each, newest first."""
        if not len(rows):
            return PersonFactors(0.0, np.zeros(self.factors.shape[1]), 0.0)
        left = ratings - self.mean - self.film_biases[rows]
        bias = float(left.sum() / (len(left) + self.fitting.person_damping))
        left = left - bias
        of_films = self.factors[rows].astype(np.float64)
        factors = solve(of_films, left, self.fitting.ridge)
        return PersonFactors(bias, factors, drift(left - of_films @ factors, self.fitting))

    def predicted(self, person: PersonFactors, rows: Indices | slice = slice(None)) -> Floats:
        """The ratings that the person would give, in stars: of these films, or (n,) of all."""
        stars = self.mean + person.bias + person.drift + self.film_biases[rows]
        return np.clip(stars + products(self.factors[rows], person.factors), LEAST, MOST)
