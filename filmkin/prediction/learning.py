"""How models are chosen: by years, on films that came later than those they learnt from."""

from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.arrays import Floats, Integers
from filmkin.errors import SettingError
from filmkin.prediction.films import TARGETS, Target

#: of the films by year about this share is learnt from, and up to the second is chosen by: whole
#: years, so that the films of one may be on either side
_TRAIN, _VALIDATION = 0.70, 0.85


@dataclass(frozen=True, slots=True)
class Learning:
    """What decides the models.

    `targets` of which there are to be models; `level`, the share of films that an interval is to
    hold; `fewest` films that are enough to learn from, `frequent` those of a genre or language
    that has a feature; how many rounds of boosting at most, how many trees each, how deep, and what
    their mean counts; how many trees in a forest, and how deep.
    """

    targets: tuple[Target, ...] = TARGETS
    level: float = 0.8
    fewest: int = 200
    frequent: int = 20
    rounds: int = 25
    round_trees: int = 20
    round_depth: int = 5
    step: float = 0.3
    forest_trees: int = 30
    forest_depth: int = 7
    seed: int = 1

    def __post_init__(self) -> None:
        # What came as JSON carries a list.
        object.__setattr__(self, "targets", tuple(self.targets))
        unknown = [name for name in self.targets if name not in TARGETS]
        if unknown:
            told = f"{', '.join(unknown)}; there are {', '.join(TARGETS)}"
            raise SettingError(f"prediction: there is no target {told}")
        for name in ("level", "step"):
            share = getattr(self, name)
            if not 0 < share < 1:
                raise SettingError(f"prediction: {name} is above 0 and below 1, not {share}")
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise SettingError(f"prediction: {name} is 1 or more, not {getattr(self, name)}")

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


_COUNTS = (
    "fewest",
    "frequent",
    "rounds",
    "round_trees",
    "round_depth",
    "forest_trees",
    "forest_depth",
)


class Split(NamedTuple):
    """The last year of the films that are learnt from, and of those that models are chosen by."""

    train_to: int
    validation_to: int

    def parts(
        self, years: Integers
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Which films (n,) are learnt from, chosen by, and tested on."""
        is_early, is_late = years <= self.train_to, years > self.validation_to
        return is_early, ~is_early & ~is_late, is_late


def year_split(years: Integers) -> Split:
    """By the films' years (n,): whole years, by their quantiles."""
    train_to, validation_to = np.quantile(years, [_TRAIN, _VALIDATION], method="lower")
    return Split(int(train_to), int(validation_to))


class Score(NamedTuple):
    """How good predictions are: mean absolute error, and R², the share of variance explained."""

    mae: float
    r2: float


def score(truth: Floats, predicted: Floats) -> Score:
    """Of n films, (n,) each."""
    errors = predicted - truth
    spread = float(((truth - truth.mean()) ** 2).sum())
    r2 = 1 - float((errors**2).sum()) / spread if spread else 0.0
    return Score(float(np.abs(errors).mean()), r2)
