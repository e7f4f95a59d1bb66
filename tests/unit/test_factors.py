"""Latent factors: the fold-in against a full solve, biases and drift against known answers."""

import numpy as np
import pytest

from filmkin.factors import (
    Fitting,
    PersonFactors,
    RatingModel,
    biases,
    drift,
    solve,
    solve_implicit,
)


def factors(films: int, rank: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(films, rank))


def full_solve(rows: np.ndarray, weights: np.ndarray, targets: np.ndarray, ridge: float) -> object:
    """Least squares over all films at once, the ridge as rows of its own."""
    rank = rows.shape[1]
    of_films = rows * np.sqrt(weights)[:, None]
    augmented = np.vstack([of_films, np.sqrt(ridge) * np.eye(rank)])
    aims = np.concatenate([targets * np.sqrt(weights), np.zeros(rank)])
    return np.linalg.lstsq(augmented, aims, rcond=None)[0]


@pytest.mark.parametrize("rated", [1, 5, 300])
def test_the_fold_in_equals_a_full_solve(rated: int) -> None:
    every = factors(500, 16)
    rng = np.random.default_rng(rated)
    rows = rng.permutation(500)[:rated]
    left = rng.normal(size=rated)
    is_rated = np.zeros(500)
    is_rated[rows] = 1
    targets = np.zeros(500)
    targets[rows] = left
    expected = full_solve(every, is_rated, targets, 0.15 * rated)
    assert solve(every[rows], left, 0.15) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seen", [1, 5, 300])
def test_the_implicit_fold_in_equals_a_full_solve(seen: int) -> None:
    every = factors(500, 16)
    rng = np.random.default_rng(seen)
    rows, weights = rng.permutation(500)[:seen], rng.random(seen)
    confidence, wanted = np.ones(500), np.zeros(500)
    confidence[rows] += 4 * weights
    wanted[rows] = 1
    expected = full_solve(every, confidence, wanted, 0.1 * seen)
    found = solve_implicit(every.T @ every, every[rows], weights, 4, 0.1)
    assert found == pytest.approx(expected, abs=1e-6)


NO_ROWS, NO_VALUES = np.empty((0, 3)), np.empty(0)


def test_who_saw_nothing_has_factors_of_0_even_where_films_tell_nothing() -> None:
    assert solve(NO_ROWS, NO_VALUES, 0.1).tolist() == [0, 0, 0]
    for every in (factors(20, 3), np.zeros((20, 3)), np.outer(np.ones(20), [1.0, 2.0, 0.0])):
        found = solve_implicit(every.T @ every, NO_ROWS, NO_VALUES, 4, 0.1)
        assert found.tolist() == [0, 0, 0]


NEARLY = factors(6, 2) @ np.array([[1, 0, 0.3], [0, 1, 0.7]])  # of rank 2, but for rounding


@pytest.mark.parametrize("every", [np.zeros((6, 3)), np.outer(np.ones(6), [1.0, 2.0, 0.0]), NEARLY])
def test_of_many_solutions_the_shortest_is_taken(every: np.ndarray) -> None:
    """Without a ridge, films that do not tell people apart leave several."""
    weights = np.array([1.0, 0.5])
    expected = full_solve(every, np.array([5, 3, 1, 1, 1, 1.0]), np.array([1, 1, 0, 0, 0, 0.0]), 0)
    found = solve_implicit(every.T @ every, every[:2], weights, 4, 0)
    assert found == pytest.approx(expected, abs=1e-6)
    assert solve(every, np.ones(6), 0) == pytest.approx(
        np.linalg.lstsq(every, np.ones(6), rcond=None)[0], abs=1e-6
    )


def test_biases_are_damped_means() -> None:
    # One film by two people who agree: with damping 2, half of what is above the mean is its own.
    films, people = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    stars = np.array([4.0, 4.0, 2.0, 2.0])
    found = biases(films, people, stars, (2, 2), Fitting(film_damping=2))
    assert found.mean == 3
    assert found.films == pytest.approx([0.5, -0.5])
    assert found.people == pytest.approx([0, 0])


@pytest.mark.parametrize("damping", [0, 2])
def test_who_rated_nothing_and_what_nobody_rated_have_no_bias(damping: float) -> None:
    fitting = Fitting(film_damping=damping, person_damping=damping)
    one = np.array([1])
    found = biases(one, one, np.array([4.0]), (3, 4), fitting)
    assert (found.mean, *found.films, *found.people) == (4, *[0] * 7)
    nothing = np.empty(0, np.intp)
    found = biases(nothing, nothing, np.empty(0), (2, 3), fitting)
    assert (found.mean, *found.films, *found.people) == (0, *[0] * 5)


def test_the_drift_is_that_of_the_newest_ratings() -> None:
    fitting = Fitting(half_life=1, drift_damping=0)
    assert drift(np.array([1.0, 0.0]), fitting) == pytest.approx(2 / 3)
    assert drift(np.array([0.0, 1.0]), fitting) == pytest.approx(1 / 3)


def model(films: int = 6) -> RatingModel:
    return RatingModel(3.5, np.linspace(-1, 1, films), factors(films, 2), Fitting())


def test_a_person_without_ratings_is_predicted_what_films_get_on_average() -> None:
    nobody = model().fold_in(np.empty(0, np.intp), np.empty(0))
    assert (nobody.bias, *nobody.factors, nobody.drift) == (0, 0, 0, 0)
    assert model().predicted(nobody) == pytest.approx(3.5 + np.linspace(-1, 1, 6))


def test_predicted_ratings_are_stars() -> None:
    person = PersonFactors(10, np.zeros(2), 0)
    assert set(model().predicted(person)) == {5.0}


def test_who_rates_higher_is_predicted_higher_ratings() -> None:
    rows = np.arange(3)
    low, high = (model().predicted(model().fold_in(rows, np.full(3, stars))) for stars in (2, 4))
    assert (high[rows] > low[rows]).all()
