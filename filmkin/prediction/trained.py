"""What came of learning: a model, and what it was chosen from."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from filmkin.arrays import Floats, Integers
from filmkin.prediction.features import Background
from filmkin.prediction.films import Target
from filmkin.prediction.learning import Score, Split
from filmkin.prediction.trees import Ensemble


class Method(StrEnum):
    """How trees are made."""

    BOOSTING = "gradient-boosted trees"
    FOREST = "random forest"


class Candidate(NamedTuple):
    """What a model may be made of: so many rounds of boosting, and whether a forest; the mean of
    both. Neither is the median of what was learnt from, which any model has to beat.
    """

    rounds: int
    has_forest: bool

    @property
    def methods(self) -> tuple[Method, ...]:
        """What it is made of."""
        boosting = (Method.BOOSTING,) if self.rounds else ()
        return (*boosting, Method.FOREST) if self.has_forest else boosting

    @property
    def name(self) -> str:
        return " and ".join(self.methods) or "median"


class Tried(NamedTuple):
    """A candidate, and how good it is on the films that it was chosen by and on the latest ones."""

    candidate: Candidate
    validation: Score
    test: Score


class Trials(NamedTuple):
    """Of films that came after those that were learnt from, (k,) each by film_id: what was
    predicted, and the truth.
    """

    film_ids: Integers
    predicted: Floats
    truth: Floats


class Trained(NamedTuple):
    """A model that learnt from all films that have a value.

    What it was chosen from, and its interval, come of models that learnt from early films alone.
    """

    target: Target
    names: tuple[str, ...]
    trees: Ensemble
    past: Background
    films: int
    split: Split
    chosen: Candidate
    tried: Sequence[Tried]
    half_width: float
    coverage: float
    trials: Trials
