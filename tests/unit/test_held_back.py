"""What is held back of people's ratings: never learnt from, the latest of each, the right share."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmkin import held_back  # pytest takes names that begin with "test" for tests
from filmkin.factors import Fitting, RatingModel
from filmkin.held_back import RatingData, lists_of, quality_of, rating_error

FILMS = 8

# (person, film) -> stars, moment: so few moments that many are the same.
worlds = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, FILMS - 1)),
    st.tuples(st.integers(1, 10).map(lambda halves: halves / 2), st.integers(0, 5)),
    max_size=30,
)
World = dict[tuple[int, int], tuple[float, int]]


def data_of(world: World) -> RatingData:
    people, films = np.array(list(world), np.intp).reshape(-1, 2).T
    stars, moments = np.array(list(world.values()), np.float64).reshape(-1, 2).T
    film_ids = np.arange(100, 100 + FILMS, dtype=np.int32)
    return RatingData(people, films, stars, moments.astype(np.int64), film_ids)


def newest_first(world: World) -> dict[int, list[tuple[int, float]]]:
    """Of each person film and stars; of one moment, the film with the larger number is later."""
    of_people = defaultdict(list)
    for (person, film), (stars, moment) in world.items():
        of_people[person].append((moment, film, stars))
    return {
        person: [(film, stars) for _, film, stars in sorted(rated, reverse=True)]
        for person, rated in sorted(of_people.items())
    }


@given(worlds, st.sampled_from([0.0, 0.2, 0.5, 1.0]))
def test_of_each_person_the_latest_share_is_held_back_and_not_learnt(
    world: World, share: float
) -> None:
    data = data_of(world)
    is_held = data.latest(share)
    learnt = data.chosen(~is_held)
    kept: World = {
        (person, film): (stars, moment)
        for person, film, stars, moment in zip(
            learnt.people.tolist(), learnt.films.tolist(),
            learnt.ratings.tolist(), learnt.moments.tolist(), strict=True,
        )
    }  # fmt: skip
    assert len(kept) == len(learnt.people)
    assert learnt.film_ids is data.film_ids
    expected = []
    for person, rated in newest_first(world).items():
        count = int(len(rated) * share)
        held, known = rated[:count], rated[count:]
        assert newest_first(kept).get(person, []) == known
        if held:
            expected.append((known, sorted(held)))
    found = [
        (
            list(zip(one.rows.tolist(), one.ratings.tolist(), strict=True)),
            sorted(zip(one.held_rows.tolist(), one.held_ratings.tolist(), strict=True)),
        )
        for one in held_back.tested_people(data, is_held)
    ]
    assert found == expected


KNOWN = held_back.Tested(
    np.array([0, 1]), np.array([5.0, 1.0]), np.array([2, 3]), np.array([4.0, 3.5])
)


def test_a_list_has_what_was_held_back_and_nothing_that_is_known() -> None:
    def by_row(_: held_back.Tested) -> np.ndarray:
        return np.arange(5, 0, -1.0)  # the known films would stand first

    assert lists_of(by_row, [KNOWN], 4).tolist() == [[2, 3, 4, -1]]
    found = quality_of(by_row, [KNOWN], 5, 4.0, count=3)
    assert (found.ndcg, found.recall, found.coverage) == (1, 1, 3 / 5)


def test_scores_are_asked_for_and_not_changed() -> None:
    scores = np.arange(5.0)
    lists_of(lambda _: scores, [KNOWN], 2)
    assert scores.tolist() == [0, 1, 2, 3, 4]


def test_the_error_is_that_of_what_was_held_back() -> None:
    """Of films that differ in their biases alone, and a damping that leaves people none."""
    fitting = Fitting(person_damping=1e12, drift_damping=1e12)
    model = RatingModel(3.0, np.array([1, 1, 0.5, -0.5]), np.zeros((4, 1)), fitting)
    assert rating_error(model, [KNOWN]) == pytest.approx(np.sqrt((0.5**2 + 1.0**2) / 2))
