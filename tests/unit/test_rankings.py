"""What is held back, and how good lists are, against known answers."""

import numpy as np
import pytest
from scipy import sparse

from filmkin.rankings import best, latest, list_quality, root_mean_square

PEOPLE = np.array([0, 1, 0, 0, 1, 0, 0])
MOMENTS = np.array([5, 1, 3, 4, 2, 5, 1])
FILMS = np.array([8, 1, 2, 3, 2, 9, 4])


def test_the_latest_share_of_each_person_is_held_back() -> None:
    # Of person 0's five ratings one, the film with the larger number; of person 1's two none.
    assert latest(PEOPLE, MOMENTS, FILMS, 0.2).tolist() == [False] * 5 + [True, False]
    assert latest(PEOPLE, MOMENTS, FILMS, 0.5).tolist() == [True] + [False] * 3 + [
        True,
        True,
        False,
    ]


def test_nobody_rated_anything() -> None:
    nothing = np.empty(0, np.int64)
    assert latest(nothing, nothing, nothing, 0.2).tolist() == []


def test_the_best_are_the_largest_then_the_first_rows() -> None:
    scores = np.array([1.0, 3.0, 3.0, -np.inf, 2.0, 3.0])
    assert best(scores, 2).tolist() == [1, 2]
    assert best(scores, 9).tolist() == [1, 2, 5, 4, 0]
    assert best(np.array([-np.inf]), 3).tolist() == []


def test_quality_of_known_lists() -> None:
    liked = sparse.csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]))
    lists = np.array([[0, 2], [2, 3], [1, -1]])
    found = list_quality(lists, np.arange(3), liked)
    discount = 1 / np.log2(3)
    assert found.ndcg == pytest.approx((1 / (1 + discount) + 1) / 2)
    assert found.recall == pytest.approx((0.5 + 1) / 2)
    assert found.coverage == 1


def test_the_recall_is_of_what_a_list_of_that_length_can_find() -> None:
    liked = sparse.csr_array(np.ones((1, 4)))
    assert list_quality(np.array([[2, 0]]), np.array([0]), liked).recall == 1


def test_errors_are_squared_before_their_mean() -> None:
    assert root_mean_square(np.array([3.0, -4.0])) == pytest.approx(np.sqrt(12.5))
