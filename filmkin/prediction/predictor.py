"""A model as it is served: what a film will cost, take or be rated, how sure that is, and why."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from filmkin.arrays import Floats
from filmkin.prediction.features import Background, Vocabulary, features, meaning, words_of
from filmkin.prediction.films import MONEY, FilmParts
from filmkin.prediction.trees import Ensemble

_RATINGS = (1.0, 10.0)
_FEWEST_SHARE = 1e-9  # of what is learnt, in its own unit: less is no reason


class Reason(NamedTuple):
    """A feature of a film: its value, and what it adds to the prediction, in the unit that is
    learnt: powers of ten of money, points of a rating.
    """

    feature: str
    meaning: str
    value: float
    contribution: float


class Prediction(NamedTuple):
    """In USD or in points of 1 to 10; low and high are the ends of the model's interval. `usual` is
    what a film of which nothing is known would get; reasons, largest first.
    """

    value: float
    low: float
    high: float
    usual: float
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Predictor:
    """The model of one target. `half_width` of the interval is in the unit that is learnt; it is to
    hold the truth of the share `level` of films, and held that of `coverage` of the latest ones.
    """

    target: str
    names: tuple[str, ...]
    trees: Ensemble
    past: Background
    words: Vocabulary
    half_width: float
    level: float
    coverage: float

    def predict(self, film: FilmParts, most: int | None = None) -> Prediction:
        """The prediction of one film, with at most so many reasons, or all."""
        matrix = features(film, self.past, self.words, self.target).matrix
        (shares,) = self.trees.contributions(matrix)
        value = self.trees.bias + float(shares.sum())
        return Prediction(
            in_unit(self.target, value),
            in_unit(self.target, value - self.half_width),
            in_unit(self.target, value + self.half_width),
            in_unit(self.target, self.trees.bias),
            self._reasons(matrix[0], shares, most),
        )

    def _reasons(self, values: Floats, shares: Floats, most: int | None) -> Sequence[Reason]:
        order = np.argsort(-np.abs(shares), kind="stable")[:most]
        return [
            Reason(self.names[f], meaning(self.names[f]), float(values[f]), float(shares[f]))
            for f in order.tolist()
            if abs(shares[f]) > _FEWEST_SHARE
        ]


def predictor(
    target: str,
    names: Sequence[str],
    trees: Ensemble,
    past: Background,
    half_width: float,
    level: float,
    coverage: float,
) -> Predictor:
    """A model of stored arrays. Raises ValueError where its features are others than there are."""
    words = words_of(names)
    known = features(FilmParts.nothing(), past, words, target).names
    if known != tuple(names):
        raise ValueError(f"the model of {target} is made of other features")
    return Predictor(target, tuple(names), trees, past, words, half_width, level, coverage)


def learnt(target: str, values: Floats) -> Floats:
    """Values of a target (n,) as they are learnt: amounts of money by their logarithm."""
    return np.log10(values) if target in MONEY else values


def in_unit(target: str, value: float) -> float:
    """What is learnt as a value of the target."""
    if target in MONEY:
        return math.pow(10, min(value, _MOST_DIGITS))
    return float(np.clip(value, *_RATINGS))


_MOST_DIGITS = 18.0
