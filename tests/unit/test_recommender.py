"""Recommendations against known tastes; the regression against EASE as it was published."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from filmkin import regression
from filmkin.factors import Fitting, RatingModel
from filmkin.recommender import ImplicitModel, Recommender, standardised
from filmkin.regression import Taste, film_factors, liking, speaking, spectrum

RIDGE = 5.0


def people_by_films(seed: int = 0, people: int = 40, films: int = 12) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.random((people, films)) * (rng.random((people, films)) < 0.4)


def ease(weights: np.ndarray, ridge: float) -> np.ndarray:
    """Algorithm 1 of Steck 2019."""
    gram = weights.T @ weights + ridge * np.eye(weights.shape[1])
    inverse = np.linalg.inv(gram)
    of_others = inverse / -np.diag(inverse)
    np.fill_diagonal(of_others, 0)
    return np.asarray(of_others)


@pytest.mark.parametrize("shape", [(40, 12), (12, 40)])
def test_with_all_singular_vectors_it_is_ease(shape: tuple[int, int]) -> None:
    weights = people_by_films(1, *shape)
    found = film_factors(spectrum(sparse.csr_array(weights), 100), RIDGE)
    between = found.given @ found.taken.T
    np.fill_diagonal(between, 0)
    assert between == pytest.approx(ease(weights, RIDGE), abs=1e-9)


@pytest.mark.parametrize("dense", [0, 3_000])
def test_a_part_of_a_spectrum_is_the_spectrum_of_that_rank(
    monkeypatch: pytest.MonkeyPatch, dense: int
) -> None:
    monkeypatch.setattr(regression, "_DENSE", dense)
    weights = sparse.csr_array(people_by_films(2))
    direct = film_factors(spectrum(weights, 3), RIDGE)
    part = film_factors(spectrum(weights, 9).largest(3), RIDGE)
    assert part.given @ part.taken.T == pytest.approx(direct.given @ direct.taken.T, abs=1e-12)


def two_camps() -> Recommender:
    """Films 10 to 14 are liked by the same people, films 20 to 24 by others."""
    weights = np.kron(np.eye(2), np.ones((8, 5)))
    regression = film_factors(spectrum(sparse.csr_array(weights), 10), RIDGE)
    film_ids = np.array([10, 11, 12, 13, 14, 20, 21, 22, 23, 24], np.int32)
    camps = np.asarray(np.kron(np.eye(2), np.ones((5, 1))), np.float64)
    rating_model = RatingModel(3.5, np.zeros(10), camps, Fitting())
    implicit = ImplicitModel(camps, 4, 0.1)
    counts = np.full(10, 8, np.int32)
    return Recommender(film_ids, counts, rating_model, regression, Taste(), implicit)


def best_unrated(recommender: Recommender, film_ids: list[int], ratings: list[float]) -> set[int]:
    person = recommender.person(np.array(film_ids, np.int32), np.array(ratings))
    scores = person.scores()
    scores[person.rows] = -np.inf
    return set(recommender.film_ids[np.argsort(-scores)[:3]].tolist())


@pytest.mark.parametrize("implicit_weight", [0.0, 0.5])
def test_who_likes_one_film_of_a_camp_gets_its_others(implicit_weight: float) -> None:
    camps = two_camps()
    object.__setattr__(camps, "implicit_weight", implicit_weight)
    assert best_unrated(camps, [10, 11], [5.0, 4.5]) <= {12, 13, 14}
    assert best_unrated(camps, [20], [5.0]) <= {21, 22, 23, 24}


def test_the_implicit_factors_of_films_are_multiplied_in_double_precision() -> None:
    """They are stored in single precision, in which many films' sum loses what sets them apart."""
    stored: Any = np.random.default_rng(0).normal(size=(5_000, 8)).astype(np.float32)
    exact = stored.astype(np.float64)
    assert ImplicitModel(stored, 4, 0.1).gram == pytest.approx(exact.T @ exact, rel=1e-12)


def test_what_is_disliked_speaks_against_its_kin() -> None:
    camps = two_camps()
    person = camps.person(np.array([10, 20], np.int32), np.array([5.0, 0.5]))
    scores = dict(zip(camps.film_ids.tolist(), person.scores(), strict=True))
    assert scores[11] > 0 > scores[21]


def test_the_reasons_are_the_rated_films_that_give_most() -> None:
    camps = two_camps()
    person = camps.person(np.array([20, 11, 10], np.int32), np.array([5.0, 3.0, 5.0]))
    reasons = person.because(int(np.flatnonzero(camps.film_ids == 12)[0]), 3)
    assert [reason.film_id for reason in reasons] == [10, 11]
    assert reasons[0].share > reasons[1].share > 0


def test_a_film_that_was_disliked_is_no_reason() -> None:
    camps = two_camps()
    # Against films of its own camp, and so, among others, for those that this camp dislikes.
    person = camps.person(np.array([20, 21], np.int32), np.array([0.5, 5.0]))
    for row in range(len(camps.film_ids)):
        assert 20 not in [reason.film_id for reason in person.because(row, 5)]
    alone = camps.person(np.array([20], np.int32), np.array([0.5]))
    assert not any(alone.because(row, 5) for row in range(len(camps.film_ids)))


def test_shares_sum_to_the_score() -> None:
    camps = two_camps()
    person = camps.person(np.array([11, 10], np.int32), np.array([4.0, 5.0]))
    assert sum(reason.share for reason in person.because(2, 5)) == pytest.approx(person.scores()[2])


def test_films_that_nobody_rated_are_passed_over() -> None:
    camps = two_camps()
    known = camps.person(np.array([10], np.int32), np.array([5.0]))
    with_unknown = camps.person(np.array([99, 10, 5], np.int32), np.array([1.0, 5.0, 1.0]))
    assert with_unknown.predicted() == pytest.approx(known.predicted())


def test_without_films_nothing_is_known_and_nothing_fails() -> None:
    nothing = RatingModel(0.0, np.empty(0), np.empty((0, 2)), Fitting())
    empty = np.empty((0, 3))
    regression = film_factors(spectrum(sparse.csr_array(np.zeros((0, 0))), 3), RIDGE)
    recommender = Recommender(
        np.empty(0, np.int32), np.empty(0, np.int32), nothing, regression, Taste(),
        ImplicitModel(empty, 1, 1),
    )  # fmt: skip
    person = recommender.person(np.array([3], np.int32), np.array([4.0]))
    assert len(person.scores()) == len(person.predicted()) == 0


def test_a_rating_weighs_by_its_stars_and_its_age() -> None:
    assert liking(np.array([0.0, 2.5, 5.0]), Taste(power=2)) == pytest.approx([0, 0.25, 1])
    said = speaking(np.array([5.0, 5.0, 2.5, 1.0]), Taste(half_life=1, floor=0))
    assert said[0] == 2 * said[1] > 0
    assert said[2] == 0 > said[3]


def test_standardised_scores_of_nothing_and_of_the_same() -> None:
    assert len(standardised(np.empty(0))) == 0
    assert standardised(np.array([2.0, 2.0])) == pytest.approx([0, 0])
    assert standardised(np.array([1.0, 3.0])) == pytest.approx([-1, 1])
