"""What is tried, what was chosen of it, and what each trial found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from filmkin.errors import SettingError
from filmkin.factors import Fitting
from filmkin.regression import Taste

# Each rests on all before it: after some more, Spark's stack overflows.
_MOST_ITERATIONS = 20


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
        for name in ("ranks", "ridges", "iterations"):
            # A search that came as JSON carries lists.
            object.__setattr__(self, name, tuple(getattr(self, name)))
            if any(value <= 0 for value in getattr(self, name)):
                raise SettingError(f"recommender: {name} are above 0")
        if max(self.iterations, default=0) > _MOST_ITERATIONS:
            raise SettingError(f"recommender: iterations are {_MOST_ITERATIONS} at most")

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
