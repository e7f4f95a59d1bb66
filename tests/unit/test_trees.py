"""Trees as arrays, against a walk of one film through one tree."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmkin.errors import SettingError
from filmkin.prediction.intervals import coverage, half_width
from filmkin.prediction.learning import Learning, score, year_split
from filmkin.prediction.trees import Ensemble

FEATURES = 3


@st.composite
def ensembles(draw: st.DrawFn) -> Ensemble:
    """Some trees of random shape, whose thresholds films may hit."""
    features: list[int] = []
    thresholds: list[float] = []
    lefts: list[int] = []
    rights: list[int] = []

    def grow(depth: int) -> int:
        node = len(features)
        features.append(draw(st.integers(0, FEATURES - 1)))
        thresholds.append(float(draw(st.integers(-2, 2))))
        lefts.append(node)
        rights.append(node)
        if depth and draw(st.booleans()):
            lefts[node], rights[node] = grow(depth - 1), grow(depth - 1)
        return node

    roots = [grow(3) for _ in range(draw(st.integers(1, 4)))]
    numbers = st.floats(-5, 5, allow_subnormal=False)
    values = [draw(numbers) for _ in features]
    weights = [draw(numbers) for _ in roots]
    integers = (np.array(each, dtype=np.int32) for each in (features, lefts, rights, roots))
    asked, to_left, to_right, begins = integers
    return Ensemble(
        asked, np.array(thresholds), to_left, to_right, np.array(values), begins, np.array(weights)
    )


def walked(trees: Ensemble, film: list[float]) -> tuple[float, list[float]]:
    """The score of a film, and what each feature adds to it: one node after the other."""
    total, shares = 0.0, [0.0] * FEATURES
    for root, weight in zip(trees.roots.tolist(), trees.weights.tolist(), strict=True):
        node = root
        while trees.lefts[node] != node:
            feature = int(trees.features[node])
            goes_left = film[feature] <= trees.thresholds[node]
            following = int((trees.lefts if goes_left else trees.rights)[node])
            shares[feature] += weight * float(trees.values[following] - trees.values[node])
            node = following
        total += weight * float(trees.values[node])
    return total, shares


FILMS = st.lists(
    st.lists(st.integers(-3, 3).map(float), min_size=FEATURES, max_size=FEATURES),
    min_size=1, max_size=5,
)  # fmt: skip


@given(ensembles(), FILMS)
def test_films_come_to_the_leaves_that_a_walk_comes_to(
    trees: Ensemble, films: list[list[float]]
) -> None:
    matrix = np.array(films)
    expected = [walked(trees, film) for film in films]
    assert trees.scores(matrix) == pytest.approx([total for total, _ in expected], abs=1e-9)
    shares = trees.contributions(matrix)
    assert shares == pytest.approx(np.array([each for _, each in expected]), abs=1e-9)
    assert trees.bias + shares.sum(axis=1) == pytest.approx(trees.scores(matrix), abs=1e-9)


@given(ensembles(), ensembles(), FILMS)
def test_ensembles_are_cut_and_put_together(
    one: Ensemble, other: Ensemble, films: list[list[float]]
) -> None:
    matrix = np.array(films)
    ends = list(range(1, len(one.roots) + 1))
    staged = one.staged_scores(matrix, ends)
    for end, scores in zip(ends, staged.T, strict=True):
        first = one._replace(roots=one.roots[:end], weights=one.weights[:end])
        assert scores == pytest.approx([walked(first, film)[0] for film in films], abs=1e-9)
    both = one.scaled(0.5).joined(other)
    expected = one.scores(matrix) / 2 + other.scores(matrix)
    assert both.scores(matrix) == pytest.approx(expected, abs=1e-9)


def test_an_interval_is_as_wide_as_the_errors_say() -> None:
    residuals = np.array([-9.0, 1, -2, 3, 4, -5, 6, 7, 8])
    assert half_width(residuals, 0.8) == 8  # of 9, the eighth by size: (9 + 1) * 0.8
    assert half_width(residuals, 0.5) == 5
    assert half_width(residuals, 0.95) == np.inf  # nine errors do not tell that much
    assert coverage(residuals, 5.0) == pytest.approx(5 / 9)
    assert coverage(residuals, 0.5) == 0


@given(st.lists(st.floats(-10, 10), min_size=10, max_size=60), st.floats(0.1, 0.9))
def test_an_interval_holds_the_share_of_its_own_errors(errors: list[float], level: float) -> None:
    residuals = np.array(errors)
    assert coverage(residuals, half_width(residuals, level)) >= level


def test_films_are_told_apart_by_whole_years() -> None:
    years = np.array([1990] * 60 + [2000] * 20 + [2010] * 10 + [2015] * 10)
    split = year_split(years)
    assert split == (2000, 2010)
    parts = split.parts(years)
    assert [int(part.sum()) for part in parts] == [80, 10, 10]
    assert np.sum(parts, axis=0).tolist() == [1] * 100


def test_scores_are_what_they_are_called() -> None:
    truth = np.array([1.0, 2, 3, 4])
    assert score(truth, truth) == (0, 1)
    mae, r2 = score(truth, np.full(4, 2.5))
    assert (mae, r2) == (1.0, 0.0)
    assert score(truth, truth + np.array([1.0, -1, 1, -1])) == pytest.approx((1.0, 0.2))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"targets": ["votes"]}, "no target votes; there are rating, budget, gross"),
        ({"level": 1.0}, "level is above 0 and below 1, not 1.0"),
        ({"step": 0.0}, "step is above 0 and below 1, not 0.0"),
        *[({name: 0}, f"{name} is 1 or more, not 0") for name in ("fewest", "rounds", "forest_trees")],
    ],
)  # fmt: skip
def test_settings_of_learning_that_make_no_sense_are_refused(
    setting: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        Learning(**setting)
