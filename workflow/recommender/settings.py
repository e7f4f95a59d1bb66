"""What is tried, what was chosen of it, and what each trial found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import nextafter
from sys import float_info
from typing import Any, NamedTuple

from filmkin.errors import SettingError
from filmkin.factors import Fitting
from filmkin.regression import Taste

# Each rests on all before it: after some more, Spark's stack overflows.
_MOST_ITERATIONS = 20
_SEEDS = 2**63  # Spark's are signed numbers of 64 bits, NumPy's not below 0

_COUNTS = ("ranks", "iterations", "regression_ranks")
_AMOUNTS = ("ridges", "half_lives", "alphas", "powers", "ridges_of_lists")
_WEIGHTS = ("implicit_weights",)


@dataclass(frozen=True, slots=True)
class AlsSettings:
    """How factors are learnt; `alpha` is for implicit feedback alone."""

    rank: int = 32
    ridge: float = 0.15
    iterations: int = 5
    alpha: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Search:
    """What is tried: of ALS, of implicit feedback, of the regression.

    `share` of each person's ratings, the latest, is held back; of more than `people` people as many
    are drawn by the seed to be judged by. Those of lists are ridges in units of `liking`.
    """

    ranks: tuple[int, ...] = (16, 64)
    ridges: tuple[float, ...] = (0.1, 0.2)
    iterations: tuple[int, ...] = (10,)
    half_lives: tuple[float, ...] = (5.0, 20.0)
    alphas: tuple[float, ...] = (2.0, 20.0)
    implicit_weights: tuple[float, ...] = (0.2, 0.5)
    powers: tuple[float, ...] = (2.0, 3.0)
    regression_ranks: tuple[int, ...] = (64, 256)
    ridges_of_lists: tuple[float, ...] = (3.0, 10.0, 30.0, 100.0, 300.0)
    share: float = 0.2
    people: int = 2_000
    seed: int = 7

    def __post_init__(self) -> None:
        for name in (*_COUNTS, *_AMOUNTS, *_WEIGHTS):
            # A search that came as JSON carries lists.
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in _COUNTS:
            self._prove(name, "are 1 or more", least=1)
        self._prove("iterations", f"are {_MOST_ITERATIONS} at most", most=_MOST_ITERATIONS)
        for name in _AMOUNTS:
            self._prove(name, "are above 0", least=nextafter(0, 1))
        for name in _WEIGHTS:
            self._prove(name, "are 0 or more", least=0)
        if not 0 < self.share < 1:
            raise SettingError(f"recommender: share is above 0 and below 1, not {self.share}")
        if self.people < 1:
            raise SettingError(f"recommender: people is 1 or more, not {self.people}")
        if not 0 <= self.seed < _SEEDS:
            raise SettingError(f"recommender: seed is 0 to {_SEEDS - 1}, not {self.seed}")

    def _prove(self, name: str, told: str, least: float = 0, most: float = float_info.max) -> None:
        """Raise SettingError for a value that is not within these bounds, NaN among them."""
        wrong = [value for value in getattr(self, name) if not least <= value <= most]
        if wrong:
            raise SettingError(f"recommender: {name} {told}, not {wrong[0]}")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Choice:
    """How everything is learnt."""

    als: AlsSettings = AlsSettings()
    fitting: Fitting = field(default_factory=Fitting)
    taste: Taste = field(default_factory=Taste)
    regression_rank: int = 256
    regression_ridge: float = 30.0
    implicit: AlsSettings = AlsSettings(ridge=0.1, alpha=4.0)
    implicit_weight: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        told = asdict(self)
        return told | {"fitting": self.fitting._asdict(), "taste": self.taste._asdict()}


class Trial(NamedTuple):
    """One try: of what, with which settings, and how good; the smaller error or the larger NDCG."""

    part: str
    settings: Mapping[str, Any]
    rmse: float | None = None
    ndcg: float | None = None
    recall: float | None = None
    coverage: float | None = None
